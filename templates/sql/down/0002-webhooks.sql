drop index evtgen.dead_letters_of_delivery;
drop index evtgen.dead_letters_of_tenant;
drop table evtgen.deliveries;
drop table evtgen.delivery_queues;
drop table evtgen.subscription_changes;
drop table evtgen.subscriptions;
drop function evtgen.queue_deliveries();
drop function evtgen.queue_subscription();
