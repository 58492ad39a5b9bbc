drop schema evtgen cascade;
