# Where install-brokers.sh puts what no package manager places. Kept between runs; the names tell the versions.
BROKERS=${TMPDIR:-/tmp}/evtgen-brokers
KAFKA_LIBS=$BROKERS/kafka-4.1.1
AWS_VENV=$BROKERS/aws-5.2
# The one on PATH is a wrapper that changes user.
RABBITMQ_SERVER=/usr/lib/rabbitmq/bin/rabbitmq-server
