#!/usr/bin/env bash
# Stops what start.sh started in DIR and removes the folder. Does nothing where there is nothing to stop.
set -uo pipefail

dir=${1:?usage: stop.sh DIR}

stop_process() {
  local pid_file=$1 signal=$2 pid
  [ -r "$pid_file" ] || return 0
  pid=$(head -n 1 "$pid_file")
  kill "-$signal" "$pid" 2>/dev/null || return 0
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
}

# For PgBouncer SIGINT would wait until no client uses a connection; SIGTERM does not.
stop_process "$dir/pgbouncer/pid" TERM
# SIGINT is PostgreSQL's "fast" shutdown: it does not wait for clients.
stop_process "$dir/postgres/data/postmaster.pid" INT
stop_process "$dir/redis/pid" TERM
rm -rf "$dir"
