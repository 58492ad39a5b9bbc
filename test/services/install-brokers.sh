#!/usr/bin/env bash
# Installs the brokers that the tests publish to, from packages: RabbitMQ and NATS from Debian, Kafka from Maven, an
# emulator of AWS and its command line client from PyPI. What is there already is left alone.
#
#   test/services/install-brokers.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# shellcheck source=test/services/broker-paths.sh
. ./broker-paths.sh

install_from_debian() {
  local missing=() as_root=()
  [ -x "$RABBITMQ_SERVER" ] || missing+=(rabbitmq-server)
  command -v nats-server >/dev/null || missing+=(nats-server)
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v java >/dev/null || missing+=(default-jre-headless)
  command -v mvn >/dev/null || missing+=(maven)
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
  # Where it may start services, it would start some that nobody asked for.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# Made aside and renamed, so that what is there is whole.
install_kafka() {
  [ ! -d "$KAFKA_LIBS" ] || return 0
  local draft="$KAFKA_LIBS.$$"
  mvn -q -B -f kafka/pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$draft"
  mv "$draft" "$KAFKA_LIBS"
}

# A virtual environment cannot be moved; the mark says that it is whole.
install_aws() {
  [ ! -e "$AWS_VENV/installed" ] || return 0
  rm -rf "$AWS_VENV"
  python3 -m venv "$AWS_VENV"
  "$AWS_VENV/bin/pip" install -q 'moto==5.2.*' flask flask-cors 'awscli==1.*'
  touch "$AWS_VENV/installed"
}

install_from_debian
mkdir -p "$BROKERS"
install_kafka &
kafka=$!
install_aws
wait "$kafka"
