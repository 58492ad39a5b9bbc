#!/usr/bin/env bash
# Starts a private PostgreSQL, PgBouncer (where it is installed) and Redis for the tests and prints how to reach them, as shell assignments:
#
#   eval "$(test/services/start.sh DIR)"    data, sockets and logs go into DIR, which must not exist
#   npm test
#   test/services/stop.sh DIR
#
# They listen on free loopback ports, so they disturb no server that is already there.
set -euo pipefail

dir=${1:?usage: start.sh DIR}
if [ -e "$dir" ]; then
  echo "error: $dir exists already" >&2
  exit 2
fi

# shellcheck source=test/services/one.sh
. "$(dirname "${BASH_SOURCE[0]}")/one.sh"

free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

bin=$(postgres_bin)
if [ -z "$bin" ] || ! command -v redis-server >/dev/null; then
  echo "error: PostgreSQL or Redis is not installed; on Debian: apt-get install postgresql redis-server" >&2
  exit 2
fi

mkdir -p "$dir/postgres" "$dir/redis"

if [ "$(id -u)" = 0 ]; then
  chown postgres "$dir/postgres"
  chmod 755 "$dir"
fi

# Concurrency tests hold many sessions; nothing here has to survive a power cut. Whoever needs other settings names
# them in EVTGEN_POSTGRES_OPTIONS, as for the program: the last one of a kind counts.
postgres_port=$(free_port)
(
  cd /
  "${as_postgres[@]}" "$bin/initdb" --pgdata="$dir/postgres/data" --username=evtgen --auth=trust \
    --encoding=UTF8 --locale=C --no-sync
  # shellcheck disable=SC2154
  "${as_postgres[@]}" tee -a "$dir/postgres/data/postgresql.conf" <<CONF
port = $postgres_port
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir/postgres'
fsync = off
max_connections = 200
max_prepared_transactions = 50
CONF
  echo "${EVTGEN_POSTGRES_OPTIONS:-}" >"$dir/postgres/options"
  start_postgres "$dir"
) >"$dir/postgres-start.log" 2>&1 || {
  cat "$dir/postgres-start.log" "$dir/postgres/log" >&2 || true
  exit 1
}

# In transaction mode, before few connections, so that clients meet each other's. 1.18 knows no named statements.
pgbouncer=$(PATH=$PATH:/usr/sbin command -v pgbouncer || true)
pgbouncer_port=$(free_port)
if [ -n "$pgbouncer" ]; then
  mkdir "$dir/pgbouncer"
  cat >"$dir/pgbouncer/pgbouncer.ini" <<INI
[databases]
* = host=127.0.0.1 port=$postgres_port user=evtgen
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pgbouncer_port
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
logfile = $dir/pgbouncer/log
pidfile = $dir/pgbouncer/pid
INI
  [ "$(id -u)" != 0 ] || chown -R postgres "$dir/pgbouncer"
  (cd / && "${as_postgres[@]}" "$pgbouncer" --daemon --quiet "$dir/pgbouncer/pgbouncer.ini") >&2
  echo "export EVTGEN_TEST_PGBOUNCER_URL=postgres://evtgen@127.0.0.1:$pgbouncer_port/postgres"
fi

# EVTGEN_REDIS_OPTIONS likewise: lines of its configuration.
redis_port=$(free_port)
cat >"$dir/redis/conf" <<CONF
daemonize yes
bind 127.0.0.1
port $redis_port
dir $dir/redis
pidfile $dir/redis/pid
logfile $dir/redis/log
save ""
appendonly no
${EVTGEN_REDIS_OPTIONS:-}
CONF
start_redis "$dir"

echo "export EVTGEN_TEST_POSTGRES_URL=postgres://evtgen@127.0.0.1:$postgres_port/postgres"
echo "export EVTGEN_TEST_REDIS_URL=redis://127.0.0.1:$redis_port"
