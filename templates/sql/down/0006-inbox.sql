drop table evtgen.inbox;
drop table evtgen.inbox_positions;
