-- Webhooks: subscriptions and their deliveries.

create table evtgen.subscriptions (
  id               text not null,
  tenant           text,
  url              text not null,
  description      text,
  -- Exact types, `order.*` or `*`.
  event_types      text[] not null,
  -- Sealed by the application, as is the JSON text of the custom headers. A deleted subscription has none.
  secret           text,
  headers          text,
  -- After a rotation the previous secret signs too, until it expires.
  previous_secret  text,
  previous_secret_expires_at timestamptz,
  -- How events are written into requests.
  payload          text not null default 'envelope',
  -- Event type to version: what it gets while newer versions exist.
  versions         jsonb not null default '{}',
  -- One delivery at a time, by position.
  is_ordered       boolean not null default false,
  max_per_second   double precision,
  -- Seconds before each retry, as a JSON array; null is the schedule of the application.
  retry_schedule   jsonb,
  state            text not null default 'active',
  -- Why it is not active, for a person to read.
  state_reason     text,
  -- Only events after this position are delivered.
  start_position   bigint not null,
  -- Where the fan-out stood when the subscription stopped being active; everything up to there has its row.
  stopped_position bigint,
  -- Deliveries in a row that used up every attempt.
  failure_count    integer not null default 0,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  constraint subscriptions_pkey primary key (id),
  constraint subscriptions_state check (state in ('active', 'disabled', 'deactivated', 'deleted')),
  constraint subscriptions_payload check
    (payload in ('envelope', 'standard', 'cloudevents-binary', 'cloudevents-structured', 'thin'))
);

create index subscriptions_of_tenant on evtgen.subscriptions (tenant, id);

-- Counts the changes of subscriptions, in their transactions, so that the fan-out need not read them again
-- while nothing changes.
create table evtgen.subscription_changes (
  id     boolean not null default true,
  change bigint not null default 0,
  constraint subscription_changes_pkey primary key (id),
  constraint subscription_changes_one_row check (id)
);
insert into evtgen.subscription_changes default values;

-- One row for each event and subscription whose first attempt is over, was put off, or takes long. What the
-- fan-out has in hand has no row.
create table evtgen.deliveries (
  position        bigint not null,
  subscription_id text not null,
  event_id        text not null,
  event_type      text not null,
  state           text not null,
  -- Attempts since the delivery began or was last replayed; all of them are in the list.
  attempt_count   integer not null,
  attempts        jsonb not null,
  is_replay       boolean not null default false,
  -- pending: when it may be claimed. While it is claimed, when the lease of the one who did ends.
  due_at          timestamptz,
  lease_token     text,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  -- A position is an event: this is the uniqueness on event and subscription.
  constraint deliveries_pkey primary key (position, subscription_id),
  constraint deliveries_state check (state in ('pending', 'delivered', 'exhausted', 'skipped', 'cancelled'))
);

create index deliveries_of_subscription on evtgen.deliveries (subscription_id, position desc);
create index deliveries_due on evtgen.deliveries (subscription_id, due_at) where state = 'pending';

-- A delivery that is exhausted again after a replay reopens its dead letter.
create unique index dead_letters_of_delivery on evtgen.dead_letters (position, subscription_id)
  where kind = 'delivery_exhausted';
create index dead_letters_of_tenant on evtgen.dead_letters (tenant, id);
