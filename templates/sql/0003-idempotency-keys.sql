-- Keys that clients give to requests, so that one sent again does not create twice.

create table evtgen.idempotency_keys (
  -- '' in applications without tenants: a key column cannot be null.
  tenant       text not null,
  key          text not null,
  -- Of the request that came with it; another request with the same key is a mistake.
  request_hash text not null,
  -- Of what it creates; chosen before, so that a request which takes over after a crash creates the same.
  result_id    text not null,
  is_completed boolean not null default false,
  -- While it is not completed: until when nobody else may take over.
  leased_until timestamptz not null,
  expires_at   timestamptz not null,
  constraint idempotency_keys_pkey primary key (tenant, key)
);

create index idempotency_keys_expiry on evtgen.idempotency_keys (expires_at);
