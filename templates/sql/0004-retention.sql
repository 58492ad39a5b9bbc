-- Retention: how far it has deleted events. Up to here the log may have holes, because an event that somebody still
-- needs outlives its neighbours; whoever has a cursor below is told so.

create table evtgen.log_floor (
  id       boolean not null default true,
  position bigint not null default 0,
  constraint log_floor_pkey primary key (id),
  constraint log_floor_one_row check (id)
);
insert into evtgen.log_floor default values;
