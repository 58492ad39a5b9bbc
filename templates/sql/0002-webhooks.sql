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
-- Ordered subscriptions wait for their first one, whenever it is due.
create index deliveries_in_order on evtgen.deliveries (subscription_id, position) where state = 'pending';

-- When the deliveries of a subscription are to be looked at next. Claims go by it: what they cost depends neither on
-- the number of subscriptions nor on how much one of them has waiting, and whoever was served goes to the end of
-- the line.
create table evtgen.delivery_queues (
  subscription_id text not null,
  -- Null while nothing waits, and while the subscription is not active.
  due_at          timestamptz,
  -- Attempts that `max_per_second` left when it was last looked at; null is as many as it ever leaves.
  tokens          double precision,
  counted_at      timestamptz not null default now(),
  constraint delivery_queues_pkey primary key (subscription_id)
);

create index delivery_queues_due on evtgen.delivery_queues (due_at) where due_at is not null;

-- Whoever makes a delivery due, by whatever statement, thereby puts its subscription in line. In an ordered
-- subscription the one that has ended makes room for the next.
create function evtgen.queue_deliveries() returns trigger language plpgsql as $$
begin
  insert into evtgen.delivery_queues as q (subscription_id, due_at)
  select c.subscription_id, min(case when c.state = 'pending' then c.due_at else now() end)
    from changed c
   where c.state = 'pending'
      or tg_op = 'UPDATE'
         and exists (select from evtgen.subscriptions s where s.id = c.subscription_id and s.is_ordered)
   group by c.subscription_id
   -- In one order everywhere, so that two such statements cannot block each other.
   order by c.subscription_id
  on conflict (subscription_id) do update set due_at = excluded.due_at
   where q.due_at is null or q.due_at > excluded.due_at;
  return null;
end $$;

create trigger deliveries_inserted after insert on evtgen.deliveries
  referencing new table as changed for each statement execute function evtgen.queue_deliveries();
create trigger deliveries_updated after update on evtgen.deliveries
  referencing new table as changed for each statement execute function evtgen.queue_deliveries();

-- What was parked is waiting again; what waited for its turn by the old settings may have it now.
create function evtgen.queue_subscription() returns trigger language plpgsql as $$
begin
  update evtgen.delivery_queues set due_at = now() where subscription_id = new.id;
  return null;
end $$;

create trigger subscriptions_updated after update on evtgen.subscriptions
  for each row when (new.state = 'active' and (old.state, old.is_ordered, old.max_per_second)
    is distinct from (new.state, new.is_ordered, new.max_per_second))
  execute function evtgen.queue_subscription();

-- A delivery that is exhausted again after a replay reopens its dead letter.
create unique index dead_letters_of_delivery on evtgen.dead_letters (position, subscription_id)
  where kind = 'delivery_exhausted';
create index dead_letters_of_tenant on evtgen.dead_letters (tenant, id);
