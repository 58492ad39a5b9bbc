import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { delimiter, join } from 'node:path';

/** A real server that some tests need. */
export interface Service {
  readonly title: string;
  /** Undefined when there is none. */
  readonly url: string | undefined;
  /** How to get one, unless `start.sh` does. */
  readonly advice?: string;
}

const isRequired = process.env['EVTGEN_TEST_REQUIRE_SERVICES'] === '1';

/**
 * `EVTGEN_TEST_POSTGRES_URL`, else a server on the usual local port that lets `postgres` in without a password.
 * It must allow CREATE DATABASE: every test gets a database of its own.
 */
export const postgres: Service = await find('PostgreSQL', 'EVTGEN_TEST_POSTGRES_URL', 5432, (port) => {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
});

/** `EVTGEN_TEST_REDIS_URL`, else a server on the usual local port. Tests use keys of their own. */
export const redis: Service = await find('Redis', 'EVTGEN_TEST_REDIS_URL', 6379, (port) => {
  return `redis://127.0.0.1:${port}`;
});

/** `EVTGEN_TEST_PGBOUNCER_URL`: in transaction mode, before the same server as `postgres`. */
export const pgbouncer: Service = await find('PgBouncer', 'EVTGEN_TEST_PGBOUNCER_URL', 6432, (port) => {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
});

/** The browser on PATH; its `url` is the path of the program. */
export const chromium: Service = {
  title: 'Chromium',
  url: onPath('chromium'),
  advice: 'on Debian: apt-get install chromium',
};

/** For tests that stop and start servers of their own; its `url` is the path of a program. */
export const serverPrograms: Service = {
  title: 'the programs of PostgreSQL and Redis',
  url:
    onPath('initdb') !== undefined || existsSync('/usr/lib/postgresql') ? onPath('redis-server') : undefined,
  advice: 'on Debian: apt-get install postgresql redis-server',
};

export type BrokerName = 'redis' | 'rabbitmq' | 'kafka' | 'nats' | 'aws';

const brokerPrograms: Readonly<Record<BrokerName, { title: string; program: string | undefined }>> = {
  redis: { title: 'Redis', program: onPath('redis-server') },
  rabbitmq: { title: 'RabbitMQ', program: present('/usr/lib/rabbitmq/bin/rabbitmq-server') },
  kafka: { title: 'Kafka', program: onPath('java') && present(`${brokersFolder()}/kafka-4.1.1`) },
  nats: { title: 'NATS', program: onPath('nats-server') },
  aws: { title: 'an emulator of AWS', program: present(`${brokersFolder()}/aws-5.2/installed`) },
};

/** A server that somebody else runs, e.g. by `compose.yaml`, and no test can stop; only where there is no program. */
export function givenBrokerUrl(name: BrokerName): string | undefined {
  const isOurs = brokerPrograms[name].program !== undefined;
  return isOurs ? undefined : process.env[`EVTGEN_TEST_${name.toUpperCase()}_URL`];
}

/** Brokers that `broker.sh` can start for a test of its own; `url` is the path of a program, or what was given. */
export function brokerService(name: BrokerName): Service {
  const { title, program } = brokerPrograms[name];
  const variable = `EVTGEN_TEST_${name.toUpperCase()}_URL`;
  const advice = `install it with test/services/install-brokers.sh, or name one in ${variable}`;
  return { title, url: program ?? givenBrokerUrl(name), advice };
}

/** As in `broker-paths.sh`. */
function brokersFolder(): string {
  return `${process.env['TMPDIR'] ?? '/tmp'}/evtgen-brokers`;
}

function present(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}

/**
 * For `describe.skipIf`: says in one line that the service is missing and how to start it. With
 * `EVTGEN_TEST_REQUIRE_SERVICES=1` nothing is skipped, so the tests fail.
 */
export function isMissing(service: Service): boolean {
  if (service.url !== undefined || isRequired) return false;
  announce(service);
  return true;
}

export function urlOf(service: Service): string {
  if (service.url === undefined) throw new Error(howToStart(service));
  return service.url;
}

async function find(
  title: string,
  variable: string,
  usualPort: number,
  urlFor: (port: number) => string,
): Promise<Service> {
  const given = process.env[variable];
  if (given !== undefined && given !== '') return { title, url: given };
  return { title, url: (await isListening(usualPort)) ? urlFor(usualPort) : undefined };
}

function onPath(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 500 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}

const announced = new Set<string>();

function announce(service: Service): void {
  if (announced.has(service.title)) return;
  announced.add(service.title);
  process.stderr.write(`skipped: ${howToStart(service)}\n`);
}

function howToStart({ title, advice }: Service): string {
  const usual = 'start one with: eval "$(test/services/start.sh /tmp/evtgen-services)"';
  return `these tests need ${title}; ${advice ?? usual}`;
}
