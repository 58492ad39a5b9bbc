import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokerBinding, brokers } from '../../src/brokers/index.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { appFiles } from '../../src/generate/emit-app.ts';
import { contractFiles } from '../../src/generate/emit-contract.ts';
import { createEmission } from '../../src/generate/emission.ts';
import { emittedEventTypes } from '../../src/generate/event-types.ts';
import { readProject } from '../../src/generate/project.ts';
import { compile, type Version } from './compile.ts';
import { linkDependencies, shopUnder, shopWithCatalog, type TestProject } from './project.ts';

const OUTPUT = 'src/events';
const ADDRESSES = [
  'REDIS_URL',
  'RABBITMQ_URL',
  'KAFKA_BROKERS',
  'NATS_URL',
  'SQS_QUEUE_URL',
  'SNS_TOPIC_ARN',
];

interface Emitted {
  readonly setups: readonly string[];
  readonly others: readonly string[];
}

/** What `generate` writes, for every broker at once: one project has one, and here each setup has a file of its own. */
function emitAll(project: TestProject): Emitted {
  const facts = readProject(project.root, {}, OUTPUT, (path) => path.startsWith(`${OUTPUT}/`));
  const emission = createEmission(OUTPUT, facts.dialect, '0.0.0');
  const eventTypes = emittedEventTypes(loadCatalog(project.root));
  const files = new Map(contractFiles(eventTypes, emission).map(({ path, content }) => [path, content]));
  const setups = brokers.map((broker, index) => {
    const app = appFiles({ ...facts, broker }, eventTypes, [], ['src/routes/webhooks.ts'], emission);
    for (const { path, content } of app) if (path.startsWith(OUTPUT)) files.set(path, content);
    const path = `${OUTPUT}/setup-${index}.ts`;
    files.set(path, files.get(`${OUTPUT}/setup.ts`) ?? '');
    return path;
  });
  for (const { path, content } of emission.kernel()) files.set(path, content);
  for (const [path, content] of files) {
    mkdirSync(dirname(project.path(path)), { recursive: true });
    writeFileSync(project.path(path), content);
  }
  return { setups, others: [...files.keys()].filter((path) => path.startsWith(`${OUTPUT}/brokers/`)) };
}

describe.each<[string, readonly Version[]]>([
  ['strictest', ['5.4']],
  ['cjs', ['7.0']],
])('the setups of all brokers under the tsconfig %s', (name, versions) => {
  let project: TestProject;
  let emitted: Emitted;

  beforeAll(() => {
    project = shopUnder(name);
    emitted = emitAll(project);
  });
  afterAll(() => project.remove());

  test.each(versions)('TypeScript %s finds nothing in them', async (version) => {
    expect(emitted.others).toContain(`${OUTPUT}/brokers/kafka.ts`);
    const files = [...emitted.setups, ...emitted.others];
    const output = await compile(project, version, 'tsconfig.json', files);
    const own = output.split('\n').filter((line) => files.some((path) => line.startsWith(`${path}(`)));
    expect(own).toEqual([]);
    expect(output).not.toMatch(/^error TS/m);
  });
});

describe('the setup', () => {
  let project: TestProject;
  let emitted: Emitted;
  let connections = 0;
  const nobody = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });

  beforeAll(async () => {
    project = shopWithCatalog();
    linkDependencies(project);
    emitted = emitAll(project);
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
    const place = `127.0.0.1:${(nobody.address() as AddressInfo).port}`;
    process.env['KAFKA_BROKERS'] = place;
    process.env['REDIS_URL'] = `redis://${place}`;
    process.env['RABBITMQ_URL'] = `amqp://${place}`;
    process.env['NATS_URL'] = `nats://${place}`;
    process.env['SQS_QUEUE_URL'] = 'http://127.0.0.1:1/123456789012/events.fifo';
    process.env['SNS_TOPIC_ARN'] = 'arn:aws:sns:us-east-1:123456789012:events.fifo';
  });
  afterAll(() => {
    for (const name of ADDRESSES) delete process.env[name];
    nobody.close();
    project.remove();
  });

  test.each(brokers.map(({ id, packages }, index) => [id, packages.join(' and '), index] as const))(
    'of %s by %s runs, connects to nobody before there is something to publish, and stops',
    async (_id, _packages, index) => {
      const file = project.path(emitted.setups[index] ?? '');
      const { events } = (await import(file)) as { events: { stop(): Promise<void> } };
      // Next.js loads it when it builds, and again for every bundle.
      await sleep(20);
      expect(connections).toBe(0);
      await expect(events.stop()).resolves.toBeUndefined();
    },
  );
});

describe('the client of a broker', () => {
  const dependencies = (...names: string[]): Map<string, string> => new Map(names.map((name) => [name, '*']));

  test('is one that the project has', () => {
    expect(brokerBinding('redis-streams', dependencies('redis'))?.packages).toEqual(['redis']);
    expect(brokerBinding('redis-streams', dependencies('redis', 'ioredis'))?.packages).toEqual(['ioredis']);
  });

  test('is the first one where the project has none', () => {
    expect(brokerBinding('redis-pub-sub', dependencies())?.packages).toEqual(['ioredis']);
    expect(brokerBinding(undefined, dependencies())).toBeUndefined();
    expect(brokerBinding(null, dependencies())).toBeUndefined();
  });
});

describe('the inbox', () => {
  test('is emitted with its tables where the configuration asks for it, and the broker with what it needs', async () => {
    const project = shopWithCatalog();
    await project.generate();
    const plain = [...project.files().keys()];
    expect(plain.filter((path) => /inbox|\/brokers\//.test(path))).toEqual([]);

    writeFileSync(
      project.path('evtgen.config.json'),
      JSON.stringify({ broker: 'nats-jetstream', inbox: true }),
    );
    const { status } = await project.generate();
    expect(status).toBe(0);
    const added = [...project.files().keys()].filter((path) => plain.includes(path) === false);
    expect(added.filter((path) => path.includes('inbox'))).toEqual([
      expect.stringMatching(/^db\/migrations\/.*evtgen.inbox\.sql$|^migrations\/.*evtgen.inbox\.sql$/),
      'src/events/stores/postgres/inbox.ts',
    ]);
    expect(added.filter((path) => path.includes('/brokers/')).map((path) => path.split('/').at(-1))).toEqual([
      'cloud-event.ts',
      'held-client.ts',
      'in-order.ts',
      'nats-jetstream.ts',
    ]);
    project.remove();
  });
});
