#!/usr/bin/env bash
# Stops and starts one of the servers that start.sh started in DIR, for tests of what happens meanwhile. Its data and
# its port stay.
#
#   test/services/one.sh DIR stop postgres fast|immediate
#   test/services/one.sh DIR stop redis TERM|KILL
#   test/services/one.sh DIR start postgres|redis
set -euo pipefail

# PostgreSQL refuses to run as root.
as_postgres=()
[ "$(id -u)" != 0 ] || as_postgres=(runuser -u postgres --)

# EVTGEN_POSTGRES_BIN names another version's. Debian keeps the server programs off PATH, one folder a version; the
# newest wins.
postgres_bin() {
  if [ -n "${EVTGEN_POSTGRES_BIN:-}" ]; then
    echo "$EVTGEN_POSTGRES_BIN"
  elif command -v initdb >/dev/null && command -v postgres >/dev/null; then
    dirname "$(command -v initdb)"
  else
    find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1
  fi
}

postgres_ctl() {
  local dir=$1
  shift
  # It complains of folders that it may not read.
  (cd / && "${as_postgres[@]}" "$(postgres_bin)/pg_ctl" --pgdata="$dir/postgres/data" --wait --timeout=60 "$@")
}

start_postgres() {
  postgres_ctl "$1" --log="$1/postgres/log" --options="$(cat "$1/postgres/options")" start
}

start_redis() {
  redis-server "$1/redis/conf" >/dev/null
  local port
  port=$(sed -n 's/^port //p' "$1/redis/conf")
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  echo "error: Redis did not start" >&2
  cat "$1/redis/log" >&2
  return 1
}

stop_redis() {
  local pid
  pid=$(head -n 1 "$1/redis/pid")
  kill "-$2" "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  dir=${1:?usage: one.sh DIR stop|start postgres|redis}
  case "${2:-} ${3:-}" in
    'stop postgres') postgres_ctl "$dir" --mode="$4" stop ;;
    'start postgres') start_postgres "$dir" ;;
    'stop redis') stop_redis "$dir" "$4" ;;
    'start redis') start_redis "$dir" ;;
    *)
      echo "usage: one.sh DIR stop|start postgres|redis" >&2
      exit 2
      ;;
  esac
fi
