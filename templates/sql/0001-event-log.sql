-- The event log: events, the counter of positions, leases, cursors and dead letters.
-- Runs on PostgreSQL 13 and later and on PGlite; needs no extension.

create schema if not exists evtgen;

-- Append-only. A row is written inside the transaction of the change that it tells of, and gets its position
-- from the sequencer after that transaction has committed.
create table evtgen.events (
  insert_id   bigint generated always as identity,
  position    bigint,
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
  constraint events_audience check (audience in ('public', 'internal'))
);

-- What the sequencer has yet to stamp: nearly empty at any time.
create index events_unsequenced on evtgen.events (insert_id) where position is null;
create unique index events_position on evtgen.events (position) where position is not null;

-- What has a position, i.e. what readers see.
create view evtgen.log as
select position, insert_id, event_id, event_type, version, audience, subject, tenant, actor, occurred_at, recorded_at,
       body
  from evtgen.events
 where position is not null;

-- One row; its lock makes positions dense and visible in order.
create table evtgen.log_head (
  id       boolean not null default true,
  position bigint not null default 0,
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
  position        bigint,
  body            text not null,
  error           text not null,
  created_at      timestamptz not null default now(),
  replayed_at     timestamptz,
  constraint dead_letters_pkey primary key (id),
  constraint dead_letters_kind check (kind in ('pipeline_error', 'delivery_exhausted'))
);

create index dead_letters_open on evtgen.dead_letters (kind, created_at, id) where replayed_at is null;
-- A reader that dies after setting an event aside does it again when it resumes.
create unique index dead_letters_set_aside on evtgen.dead_letters (reader, event_id) where stage = 'publish';
