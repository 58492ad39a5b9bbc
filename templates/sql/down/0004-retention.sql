drop table evtgen.log_floor;
