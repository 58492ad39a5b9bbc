drop table evtgen.idempotency_keys;
