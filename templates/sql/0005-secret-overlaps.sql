-- A secret that was rotated away signs until its own overlap ends, also when the next rotation comes before that.

-- Those before `previous_secret`, the last to expire first: [{"secret": …, "expires_ms": …}]. Whoever knows this
-- column and whoever does not can work side by side.
alter table evtgen.subscriptions add column older_secrets jsonb not null default '[]';
