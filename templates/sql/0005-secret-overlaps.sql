-- A secret that was rotated away signs until its own overlap ends, also when the next rotation comes before that.

-- Those before `previous_secret`, the last to expire first: [{"secret": …, "expires_ms": …}]. Processes of the version
-- before can work beside newer ones: a secret that they rotate away ends the overlap of the one before it, and a
-- subscription that they delete keeps what is sealed in here. To wipe that once they are gone:
--   update evtgen.subscriptions set older_secrets = '[]' where state = 'deleted' and older_secrets <> '[]'
alter table evtgen.subscriptions add column older_secrets jsonb not null default '[]';
