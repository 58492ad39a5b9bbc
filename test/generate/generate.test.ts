import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withoutHeader } from '../../src/generate/header.ts';
import { receivers } from '../../src/receivers/index.ts';
import { rewriteSpecifiers } from '../../src/generate/specifiers.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { shopWithCatalog, type TestProject } from './project.ts';

let project: TestProject;
beforeEach(() => {
  project = shopWithCatalog();
});
afterEach(() => project.remove());

const edit = (path: string, from: string, to: string): void => {
  const text = project.read(path);
  expect(text).toContain(from);
  writeFileSync(project.path(path), text.replace(from, to));
};
const kinds = (stdout: string): Map<string, string> => {
  const { changes } = JSON.parse(stdout) as { changes: { path: string; kind: string }[] };
  return new Map(changes.map(({ path, kind }) => [path, kind]));
};

test('what is emitted of the kernel is evtgen’s own, byte for byte, but for header and specifiers', async () => {
  await project.generate();
  const kernel = [...project.files().keys()].filter((path) =>
    /^src\/events\/(kernel|stores|transports|validators)\//.test(path),
  );
  expect(kernel.length).toBeGreaterThan(50);
  for (const path of kernel) {
    const emitted = withoutHeader(project.read(path));
    const restored = rewriteSpecifiers(emitted, (specifier) => specifier.replace(/\.js$/, '.ts'));
    const original = readFileSync(join(repositoryRoot, 'src', path.slice('src/events/'.length)), 'utf8');
    expect(`${path}\n${restored}`).toBe(`${path}\n${original}`);
  }
});

test('only files that something used imports are emitted', async () => {
  await project.generate();
  const files = [...project.files().keys()];
  expect(files).toContain('src/events/kernel/emit.ts');
  expect(files.filter((path) => path.includes('/brokers/'))).toEqual([]);
  expect(files).not.toContain('src/events/stores/postgres/migrations.ts');
});

test('a configured transport takes the place of the default one', async () => {
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ transport: 'undici' }));
  const { status, stdout } = await project.generate();
  expect(status).toBe(0);
  expect(stdout).toContain('undici@7');
  expect(project.read('src/events/create-events.ts')).toContain(
    'createTransport: (guard) => undiciTransport({ guard })',
  );
  const files = [...project.files().keys()];
  expect(files).toContain('src/events/transports/undici.ts');
  expect(files).not.toContain('src/events/transports/node-http.ts');
});

test('the browser client goes where the configuration wants it, byte for byte, and nowhere else', async () => {
  await project.generate();
  expect([...project.files().keys()].filter((path) => path.includes('event-stream'))).toEqual([]);
  const path = 'src/lib/event-stream.ts';
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ browserClient: path }));
  expect((await project.generate()).status).toBe(0);
  const emitted = project.read(path);
  expect(withoutHeader(emitted)).toBe(
    readFileSync(join(repositoryRoot, 'src/clients/event-stream.ts'), 'utf8'),
  );
  expect(emitted).not.toContain('types="node"');
  expect((await project.generate('check')).status).toBe(0);
});

test.each(receivers)(
  'the receiver for $id comes when configured, byte for byte, with what it imports',
  async (receiver) => {
    await project.generate();
    const isReceiver = (path: string): boolean => path.includes('/receivers/');
    expect([...project.files().keys()].filter(isReceiver)).toEqual([]);

    writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ receiver: receiver.id }));
    const { status, stdout } = await project.generate();
    expect(status).toBe(0);
    expect(stdout).toContain(`import { webhookReceiver } from './events/receivers/${receiver.id}.js';`);
    expect(stdout).toContain(receiver.mount);
    const files = [...project.files().keys()];
    expect(files).toContain('src/events/kernel/verify.ts');
    const emitted = files.filter(isReceiver);
    expect(emitted).toContain(`src/events/${receiver.file}`);
    expect(emitted).toContain('src/events/receivers/receive.ts');
    expect(emitted).not.toContain('src/events/receivers/index.ts');
    for (const path of emitted) {
      const restored = rewriteSpecifiers(withoutHeader(project.read(path)), (specifier) =>
        specifier.replace(/\.js$/, '.ts'),
      );
      const original = readFileSync(join(repositoryRoot, 'src', path.slice('src/events/'.length)), 'utf8');
      expect(`${path}\n${restored}`).toBe(`${path}\n${original}`);
    }
    expect((await project.generate('check')).stdout).toMatch(/^everything is up to date/);

    writeFileSync(project.path('evtgen.config.json'), '{}');
    await project.generate();
    expect([...project.files().keys()].filter(isReceiver)).toEqual([]);
  },
);

test('a configured broker is wired in, with its client in the install command', async () => {
  writeFileSync(project.path('evtgen.config.json'), JSON.stringify({ broker: 'redis-streams' }));
  const { stdout } = await project.generate();
  expect(stdout).toContain('npm install zod ioredis &&');
  expect(project.read('src/events/setup.ts')).toContain(
    'publishers: [createRedisStreamsPublisher({ redis })]',
  );
  expect([...project.files().keys()]).toContain('src/events/brokers/redis-streams.ts');
});

describe('the second run', () => {
  test('changes no byte', async () => {
    await project.generate();
    const first = project.files();
    const { status, stdout } = await project.generate();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^everything is up to date/);
    expect(project.files()).toEqual(first);
  });

  test('keeps an edited kernel file, an edited schema and the edited settings, and says so with exit 1', async () => {
    await project.generate();
    const [kernel, schema, setup] = [
      'src/events/kernel/retry.ts',
      'src/events/schemas/order.created.v1.ts',
      'src/events/setup.ts',
    ];
    edit(kernel, '60, 300', '30, 300');
    edit(schema, 'z.object({', 'z.strictObject({');
    edit(setup, "source: '", "source: '/mine");
    const edited = project.files();

    const { status, stdout } = await project.generate('json');
    expect(status).toBe(1);
    expect(kinds(stdout).get(kernel)).toBe('keep');
    expect(kinds(stdout).get(schema)).toBe('conflict');
    expect(kinds(stdout).get(setup)).toBe('keep');
    expect(project.files()).toEqual(edited);
  });

  test('with force overwrites the edited schema and nothing else', async () => {
    await project.generate();
    const pristine = project.files();
    edit('src/events/kernel/retry.ts', '60, 300', '30, 300');
    const kernel = project.read('src/events/kernel/retry.ts');
    edit('src/events/schemas/order.created.v1.ts', 'z.object({', 'z.strictObject({');
    const { status } = await project.generate('force');
    expect(status).toBe(0);
    expect(project.files()).toEqual(new Map(pristine).set('src/events/kernel/retry.ts', kernel));
  });

  test('deletes the files of an event type that left the catalog', async () => {
    await project.generate();
    const catalog = JSON.parse(project.read('events/catalog.json')) as {
      eventTypes: Record<string, unknown>;
      mutations: Record<string, object>;
    };
    delete catalog.eventTypes['refund.rejected'];
    for (const [key, decision] of Object.entries(catalog.mutations)) {
      if ('event' in decision && decision.event === 'refund.rejected')
        catalog.mutations[key] = { ignore: 'no use' };
    }
    writeFileSync(project.path('events/catalog.json'), JSON.stringify(catalog));
    const { status, stdout } = await project.generate('json');
    expect(status).toBe(0);
    expect(kinds(stdout).get('src/events/schemas/refund.rejected.v1.ts')).toBe('delete');
    expect(project.files().has('src/events/schemas/refund.rejected.v1.ts')).toBe(false);
    expect(project.read('src/events/registry.ts')).not.toContain('refund.rejected');
  });
});

describe('check', () => {
  test('finds a missing file and an edited one, writes nothing, and is content after generate', async () => {
    const before = project.files();
    expect((await project.generate('check')).status).toBe(1);
    expect(project.files()).toEqual(before);

    await project.generate();
    expect((await project.generate('check')).status).toBe(0);
    rmSync(project.path('src/events/registry.ts'));
    expect((await project.generate('check')).status).toBe(1);
  });
});

test('a database that the event log cannot be in is named', async () => {
  const warning =
    /^warning: MongoDB found \(mongoose in package\.json\), but the event log is kept in PostgreSQL/;
  edit('package.json', '"pg": "^8.23.1"', '"mongoose": "^9.0.0"');
  expect((await project.generate('isDry')).stdout).toMatch(warning);
});

test('a TypeScript that cannot read the generated code is named', async () => {
  const said = async (version: string): Promise<string> => {
    writeFileSync(project.path('node_modules/typescript/package.json'), JSON.stringify({ version }));
    return (await project.generate('isDry')).stdout;
  };
  mkdirSync(project.path('node_modules/typescript'), { recursive: true });
  expect(await said('5.3.3')).toMatch(/^warning: TypeScript 5\.3\.3 is installed.* needs 5\.4 or newer$/m);
  for (const version of ['5.4.2', '5.10.0', '7.0.0-beta'])
    expect(await said(version)).not.toContain('warning');
});

test('a dry run and a diff show what would be written, and write nothing', async () => {
  const before = project.files();
  const dry = await project.generate('isDry');
  expect(dry.status).toBe(0);
  expect(dry.stdout).toContain('to write; nothing was written');
  const { stdout } = await project.generate('diff');
  expect(stdout).toContain('--- /dev/null\n+++ b/src/routes/webhooks.ts\n@@ -0,0 +1,');
  expect(project.files()).toEqual(before);
});

test('the project’s own webhooks route is left alone', async () => {
  const theirs = "import { Router } from 'express';\nexport const webhooks = Router();\n";
  writeFileSync(project.path('src/webhooks.ts'), theirs);
  rmSync(project.path('src/api'), { recursive: true });
  writeFileSync(project.path('src/api.ts'), '');
  mkdirSync(project.path('src/routes'));
  writeFileSync(project.path('src/routes/webhooks.ts'), theirs);
  await project.generate();
  expect(project.read('src/routes/webhooks.ts')).toBe(theirs);
  expect(project.read('src/routes/event-webhooks.ts')).toContain('eventRoutes');
  expect((await project.generate('check')).status).toBe(0);
});

test('templates stay short and know each and if only', () => {
  const folder = join(repositoryRoot, 'templates');
  const templates = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.hbs'));
  expect(templates.length).toBeGreaterThan(10);
  for (const name of templates) {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    expect(text.match(/\{\{#(?!if |each )/g)).toBeNull();
  }
});
