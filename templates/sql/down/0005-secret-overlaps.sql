alter table evtgen.subscriptions drop column older_secrets;
