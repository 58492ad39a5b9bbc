-- What consumers of a broker have seen, so that an event which comes again is handled once.

create schema if not exists evtgen;

create table evtgen.inbox (
  consumer    text not null,
  source      text not null,
  event_id    text not null,
  received_at timestamptz not null default now(),
  constraint inbox_pkey primary key (consumer, source, event_id)
);

create index inbox_age on evtgen.inbox (received_at);

-- How far a consumer is with each subject.
create table evtgen.inbox_positions (
  consumer   text not null,
  source     text not null,
  subject    text not null,
  position   bigint not null,
  updated_at timestamptz not null default now(),
  constraint inbox_positions_pkey primary key (consumer, source, subject)
);

create index inbox_positions_age on evtgen.inbox_positions (updated_at);
