#!/usr/bin/env bash
# Runs one broker for the tests, with its data, log and port in DIR/NAME, where they stay until they are deleted:
#
#   test/services/broker.sh DIR start redis|rabbitmq|kafka|nats|aws    prints its URL when it is ready
#   test/services/broker.sh DIR stop NAME [TERM|KILL]                  KILL is a crash
#
# Each listens on a free loopback port of its own, the same one after every start. `aws` is an emulator of SNS and SQS
# that keeps nothing. With EVTGEN_RABBITMQ_MANAGEMENT_PORT RabbitMQ has its HTTP API there, for rabbitmqadmin.
# install-brokers.sh installs what is missing. With EVTGEN_OWNER_PID a broker ends with that process,
# however that ends.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/services/broker-paths.sh
. "$here/broker-paths.sh"

dir=${1:?usage: broker.sh DIR start|stop NAME}
action=${2:?start or stop}
name=${3:?redis, rabbitmq, kafka, nats or aws}
home=$dir/$name

# Several at once: a port that is free now is another's by the time the first server listens.
ports() {
  node -e '
    const servers = Array.from({ length: Number(process.argv[1]) }, () => net.createServer().listen(0, "127.0.0.1"));
    setImmediate(() => { for (const s of servers) { console.log(s.address().port); s.close(); } });' "$1"
}

port() { sed -n "${1:-1}p" "$home/ports"; }

# In a session of its own, so that Ctrl-C in a test run leaves it to whoever started it.
launch() {
  setsid nohup "$@" >>"$home/log" 2>&1 </dev/null &
  echo $! >"$home/pid"
  [ -n "${EVTGEN_OWNER_PID:-}" ] || return 0
  setsid nohup bash -c '
    while kill -0 "$1" && kill -0 "$2"; do sleep 1; done
    kill -KILL "$2"' watch "$EVTGEN_OWNER_PID" "$(cat "$home/pid")" >/dev/null 2>&1 </dev/null &
}

start_redis() {
  launch redis-server --port "$(port)" --bind 127.0.0.1 --dir "$home" --save '' --appendonly yes --appendfsync always
}

# A name server, a cookie and a node name of its own: it meets no other Erlang on the machine.
start_rabbitmq() {
  cat >"$home/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$(port)
log.console = true
log.console.level = warning
log.file = false
CONF
  : >"$home/enabled_plugins"
  if [ -n "${EVTGEN_RABBITMQ_MANAGEMENT_PORT:-}" ]; then
    echo '[rabbitmq_management].' >"$home/enabled_plugins"
    echo "management.tcp.ip = 127.0.0.1
management.tcp.port = $EVTGEN_RABBITMQ_MANAGEMENT_PORT" >>"$home/rabbitmq.conf"
  fi
  export HOME=$home ERL_EPMD_PORT ERL_EPMD_ADDRESS=127.0.0.1
  ERL_EPMD_PORT=$(port 2)
  setsid nohup epmd -port "$ERL_EPMD_PORT" >>"$home/log" 2>&1 </dev/null &
  echo $! >"$home/epmd.pid"
  await_port "$ERL_EPMD_PORT"
  export RABBITMQ_NODENAME=evtgen@localhost RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf
  export RABBITMQ_MNESIA_BASE=$home/data RABBITMQ_LOG_BASE=$home/logs RABBITMQ_DIST_PORT
  export RABBITMQ_ENABLED_PLUGINS_FILE=$home/enabled_plugins RABBITMQ_PID_FILE=$home/rabbitmq.pid
  export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 1:1 -setcookie evtgen -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}'
  RABBITMQ_DIST_PORT=$(port 3)
  # Else a shell stands in between, and a signal would end that alone.
  export RUNNING_UNDER_SYSTEMD=1
  launch "$RABBITMQ_SERVER"
}

# One broker that is its own controller.
start_kafka() {
  local options=(-Xms128m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.level=WARN -cp "$KAFKA_LIBS/*")
  if [ ! -d "$home/data" ]; then
    cat >"$home/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$(port 2)
listeners=PLAINTEXT://127.0.0.1:$(port),CONTROLLER://127.0.0.1:$(port 2)
controller.listener.names=CONTROLLER
log.dirs=$home/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.partitions=3
CONF
    java "${options[@]}" kafka.tools.StorageTool format --cluster-id evtgen-test-cluster-01 \
      --config "$home/server.properties" >>"$home/log" 2>&1
  fi
  launch java "${options[@]}" kafka.Kafka "$home/server.properties"
}

start_nats() {
  launch nats-server --addr 127.0.0.1 --port "$(port)" --jetstream --store_dir "$home/data"
}

start_aws() {
  launch "$AWS_VENV/bin/moto_server" -H 127.0.0.1 -p "$(port)"
}

await_port() {
  for _ in $(seq 600); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    [ ! -r "$home/pid" ] || kill -0 "$(cat "$home/pid")" 2>/dev/null || break
    sleep 0.1
  done
  echo "error: $name did not start" >&2
  tail -n 40 "$home/log" >&2
  return 1
}

url() {
  case $name in
    redis) echo "redis://127.0.0.1:$(port)" ;;
    rabbitmq) echo "amqp://127.0.0.1:$(port)" ;;
    kafka) echo "127.0.0.1:$(port)" ;;
    nats) echo "nats://127.0.0.1:$(port)" ;;
    aws) echo "http://127.0.0.1:$(port)" ;;
  esac
}

end() {
  local pid
  [ -r "$1" ] || return 0
  pid=$(cat "$1")
  kill "-$2" "$pid" 2>/dev/null || true
  for _ in $(seq 500); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.02
  done
  kill -KILL "$pid" 2>/dev/null || true
  rm -f "$1"
}

case $action in
  start)
    mkdir -p "$home"
    [ -e "$home/ports" ] || ports 3 >"$home/ports"
    "start_$name"
    await_port "$(port)"
    url
    ;;
  stop)
    end "$home/pid" "${4:-TERM}"
    end "$home/epmd.pid" TERM
    ;;
  *)
    echo "usage: broker.sh DIR start|stop NAME" >&2
    exit 2
    ;;
esac
