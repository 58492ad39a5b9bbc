-- The event log: events, the counter of positions, leases, cursors and dead letters.
-- Runs on PostgreSQL 13 and later and on PGlite; needs no extension.

create schema if not exists evtgen;

-- Append-only. A row is written inside the transaction of the change that it tells of; nothing updates it later but
-- an erasure request.
create table evtgen.events (
  -- In the order of insertion, which is not that of the commits. The sequencer relies on ids that only grow: the
  -- sequence must not cache any (CACHE 1, the default).
  insert_id   bigint generated always as identity,
  event_id    text not null,
  event_type  text not null,
  version     integer not null,
  audience    text not null,
  subject     text,
  tenant      text,
  actor       text,
  -- When it happened, by the application's clock.
  occurred_at timestamptz not null,
  -- When it was written, by the database's clock.
  recorded_at timestamptz not null default now(),
  -- The envelope as it is sent, without its position.
  body        text not null,
  constraint events_pkey primary key (event_id),
  constraint events_insert_id unique (insert_id),
  constraint events_audience check (audience in ('public', 'internal'))
);

-- What the sequencer has found committed, in the order in which readers see it: dense, and never changed. Apart from
-- the events, so that giving a position writes some 50 bytes and not the event once more.
create table evtgen.positions (
  position  bigint not null,
  insert_id bigint not null,
  -- Of the event; indexed here and not there, because what the sequencer writes costs no caller of `emit` any time.
  subject   text,
  constraint positions_pkey primary key (position),
  constraint positions_insert_id unique (insert_id)
);

create index positions_of_subject on evtgen.positions (subject, position) where subject is not null;

-- The event log as readers see it.
create view evtgen.log as
select p.position, e.insert_id, e.event_id, e.event_type, e.version, e.audience, e.subject, e.tenant, e.actor,
       e.occurred_at, e.recorded_at, e.body
  from evtgen.positions p
  join evtgen.events e on e.insert_id = p.insert_id;

-- One row. A sequencer that takes over leaves its epoch here, and moves the head from the value that it knows; the
-- lock of the row makes positions visible in order.
create table evtgen.log_head (
  id                boolean not null default true,
  position          bigint not null default 0,
  epoch             bigint not null default 0,
  -- Every event up to here has its position, or was never committed.
  settled_insert_id bigint not null default 0,
  constraint log_head_pkey primary key (id),
  constraint log_head_one_row check (id)
);
insert into evtgen.log_head default values;

-- Who may act in a role (the sequencer, a reader) until when. Rows stay when a lease is given up: the epoch
-- must never start again.
create table evtgen.leases (
  role       text not null,
  holder     text not null,
  epoch      bigint not null,
  expires_at timestamptz not null,
  constraint leases_pkey primary key (role)
);

-- How far each reader has come.
create table evtgen.cursors (
  reader     text not null,
  position   bigint not null,
  updated_at timestamptz not null default now(),
  constraint cursors_pkey primary key (reader)
);

-- Events and deliveries that were given up and wait for a person.
-- pipeline_error: refused by its schema (stage emit) or by a broker (stage publish, reader = its name).
-- delivery_exhausted: every attempt of a webhook delivery failed.
create table evtgen.dead_letters (
  id              text not null,
  kind            text not null,
  stage           text,
  reader          text,
  subscription_id text,
  event_id        text not null,
  event_type      text not null,
  version         integer not null,
  subject         text,
  tenant          text,
  actor           text,
  position        bigint,
  -- Of an event that never reached the log; every other is read from there, by its position.
  body            text,
  error           text not null,
  created_at      timestamptz not null default now(),
  -- When a person put it back to work. Whatever fails again reopens its dead letter.
  replayed_at     timestamptz,
  -- Stage publish, replayed: the worker has yet to hand it to the broker.
  is_republishing boolean not null default false,
  -- When its data was erased on request. It stays as evidence, and cannot be replayed.
  redacted_at     timestamptz,
  constraint dead_letters_pkey primary key (id),
  constraint dead_letters_kind check (kind in ('pipeline_error', 'delivery_exhausted'))
);

create index dead_letters_open on evtgen.dead_letters (id) where replayed_at is null;
create index dead_letters_republishing on evtgen.dead_letters (reader, id) where is_republishing;
-- Whose events have to be kept.
create index dead_letters_holding on evtgen.dead_letters (position)
  where position is not null and (replayed_at is null or is_republishing);
-- A reader that dies after setting an event aside does it again when it resumes.
create unique index dead_letters_set_aside on evtgen.dead_letters (reader, event_id) where stage = 'publish';
