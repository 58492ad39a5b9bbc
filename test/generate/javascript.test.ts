import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgres, type PostgresDatabase } from '../helpers/databases.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { startReceiver } from '../helpers/receiver.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { inTurn } from '../helpers/turns.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { commitAll, edit, makeOlder } from './older.ts';
import { addVersion, linkDependencies, shop, type TestProject } from './project.ts';

const FORMATS = [
  { format: 'esm', sources: 'src', output: 'src/events', tests: '.js', specifier: "'./create-events.js'" },
  { format: 'cjs', sources: 'lib', output: 'lib/events', tests: '.mjs', specifier: "'./create-events'" },
];

describe.each(inTurn('JavaScript projects', FORMATS, 1))(
  'a JavaScript project of $format',
  ({ format, sources, output, tests, specifier }) => {
    let project: TestProject;
    beforeAll(async () => {
      project = shop(`express-${format}-orders`);
      // One of them has Jest, under which test/e2e runs what is generated.
      const { jest: _jest, ...manifest } = JSON.parse(project.read('package.json')) as Record<
        string,
        unknown
      >;
      const withVitest = { ...manifest, devDependencies: { vitest: '^4.0.0' } };
      writeFileSync(project.path('package.json'), `${JSON.stringify(withVitest, null, 2)}\n`);
      linkDependencies(project);
      project.scan();
      const { status, stdout } = await project.generate('wire', 'allowDirty');
      if (status !== 0) throw new Error(stdout);
    }, 180_000);
    afterAll(() => project.remove());

    test('gets JavaScript, with the types of what others import beside it', () => {
      const names = [...project.files().keys()].filter((path) => path.startsWith(`${output}/`));
      expect(names).toContain(`${output}/kernel/emit.js`);
      expect(names).toContain(`${output}/kernel/emit.d.ts`);
      // Types alone are nothing that runs.
      expect(names).toContain(`${output}/kernel/ports.d.ts`);
      expect(names).not.toContain(`${output}/kernel/ports.js`);
      expect(names.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
      expect(project.files().has(`${output}/setup.d.ts`)).toBe(false);
      expect(project.files().has(`tests/events/support${tests}`)).toBe(true);
      expect(project.files().has(`${sources}/routes/webhooks.js`)).toBe(true);
    });

    test('is written as its own files are', () => {
      const setup = project.read(`${output}/setup.js`);
      const [importing, exporting] =
        format === 'esm'
          ? [`import { createEvents } from ${specifier};`, 'export const events = createEvents({']
          : [`const { createEvents } = require(${specifier});`, 'module.exports = { events };'];
      expect(setup).toContain(importing);
      expect(setup).toContain(exporting);
      expect(setup).not.toContain('defineProperty');
      // The project's own pool is found, and its lines apart stay apart.
      expect(setup).toContain('sql: pgSql(storage),');
      expect(setup).toMatch(/;\n\n(export )?const events/);
      const orders = project.read(`${sources}/orders.js`);
      const row = format === 'esm' ? 'rows[0]' : 'order';
      expect(orders).toContain(
        `await events.emit(client, 'order.created', { subject: ${row}.id, data: ${row} });`,
      );
      expect(orders).toContain(
        format === 'esm'
          ? "import { events } from './events/setup.js';"
          : "const { events } = require('./events/setup');",
      );
    });

    test('is left as it is the second time, and an edit is seen as one', async () => {
      const before = project.files();
      await project.generate();
      expect(project.files()).toEqual(before);

      const path = `${output}/kernel/emit.js`;
      writeFileSync(project.path(path), `${project.read(path)}\n// ours\n`);
      const { stdout } = await project.generate('json');
      const { changes } = JSON.parse(stdout) as {
        changes: { path: string; kind: string; reason?: string }[];
      };
      expect(changes.find((change) => change.path === path)).toMatchObject({
        kind: 'keep',
        reason: 'edited by hand',
      });
      writeFileSync(project.path(path), before.get(path) ?? '');
    });

    test.skipIf(format === 'cjs')('keeps an edit when its kernel is brought up to date', async () => {
      const path = 'src/events/kernel/retry.js';
      const written = project.read(path);
      const line = 'export const RETRY_SCHEDULE_SECONDS';
      makeOlder(project, path, line, `const OLD = 1;\n\n${line}`);
      commitAll(project);
      edit(project, path, /$/, '\n// ours\n');
      const { status } = await project.generate();
      expect(status).toBe(0);
      expect(project.read(path)).toBe(`${written}\n// ours\n`);
    });

    test('checks what it emits where it asks for checks', async () => {
      const [open, close] =
        format === 'esm'
          ? [`import { events } from './events/setup.js';`, 'export {};']
          : [`const { events } = require('./events/setup');`, 'module.exports = {};'];
      const emit = (eventType: string, data: string): string =>
        `// @ts-check\n${open}\n/** @param {import('pg').PoolClient} client */\n` +
        `const run = (client) => events.emit(client, '${eventType}', { data: ${data} });\nrun;\n${close}\n`;
      const order = '{ id: 1, customer: "Ada", total_cents: 5 }';
      writeFileSync(project.path(`${sources}/right.js`), emit('order.created', order));
      writeFileSync(project.path(`${sources}/wrong-type.js`), emit('order.crated', order));
      writeFileSync(project.path(`${sources}/wrong-data.js`), emit('order.created', '{ id: 1 }'));
      const errors = await check(
        project,
        ['right', 'wrong-type', 'wrong-data'].map((name) => `${sources}/${name}.js`),
      );
      expect(errors.filter((line) => line.includes('right.js'))).toEqual([]);
      expect(errors.filter((line) => line.startsWith(`${output}/`))).toEqual([]);
      expect(errors).toContainEqual(expect.stringMatching(/wrong-type\.js.*"order\.crated"/));
      expect(errors).toContainEqual(expect.stringMatching(/wrong-data\.js.*customer/));
    }, 60_000);

    test('passes the tests that it got', async () => {
      const vitest = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
      const args = [vitest, 'run', '--testTimeout', '30000', 'tests/events'];
      const child = execFile(process.execPath, args, { cwd: project.root, env: bare() }, () => {});
      const output = read(child);
      const [status] = (await once(child, 'close')) as [number];
      expect(output()).toMatch(/3 passed/);
      expect(status).toBe(0);
    }, 180_000);

    describe.skipIf(isMissing(postgres))('on PostgreSQL', () => {
      let database: PostgresDatabase;
      let processes: ChildProcess[] = [];
      beforeAll(async () => {
        database = await openPostgres();
        await database.pool.query('drop schema evtgen cascade');
        for (const name of readdirSync(project.path('migrations')).sort()) {
          await database.pool.query(project.read(`migrations/${name}`));
        }
      }, 60_000);
      afterAll(async () => {
        for (const child of processes) child.kill();
        await Promise.all(processes.map((child) => child.exitCode ?? once(child, 'exit')));
        await database.close();
      });

      test('runs on Node as it is: an order over HTTP is a webhook that verifies', async () => {
        const receiver = await startReceiver();
        const env = {
          ...bare(),
          PORT: '0',
          DATABASE_URL: database.url,
          EVTGEN_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
          EVTGEN_WEBHOOK_ALLOW: '127.0.0.1',
        };
        processes = [`${sources}/launch.js`, `${output}/worker.js`].map((file) =>
          spawn(process.execPath, [file], { cwd: project.root, env }),
        );
        const [output1, output2] = processes.map(read);
        const log = (): string => `${output1?.()}${output2?.()}`;
        await waitUntil(
          () => log().includes('listening on') || processes.some(({ exitCode }) => exitCode !== null),
        );
        const port = /listening on (\d+)/.exec(log())?.[1];
        if (port === undefined) throw new Error(log());

        const post = async (path: string, body: object): Promise<Record<string, string>> => {
          const response = await fetch(`http://127.0.0.1:${port}${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          });
          if (response.status !== 201) throw new Error(`${response.status} ${log()}`);
          return (await response.json()) as Record<string, string>;
        };
        const { secret } = await post('/webhooks', { url: receiver.url, eventTypes: ['order.created'] });
        await post('/orders', { customer: 'Ada', totalCents: 4200 });
        await waitUntil(() => receiver.requests.length > 0);
        const [request] = receiver.requests;
        const headers = request?.headers as Record<string, string>;
        const body = new Webhook(secret ?? '').verify(request?.body ?? '', headers);
        expect(body).toMatchObject({
          eventType: 'order.created',
          data: { customer: 'Ada', total_cents: 4200 },
        });
        await receiver.close();
      }, 60_000);
    });
  },
);

test('what the casters of a JavaScript project give is checked where it asks for checks', async () => {
  const project = shop('express-esm-orders');
  linkDependencies(project);
  project.scan();
  addVersion(project, 'order.created', (properties) => ({ ...properties, channel: { type: 'string' } }));
  await project.generate();
  const path = 'src/events/casters.js';
  const written = project.read(path);
  writeFileSync(project.path(path), `// @ts-check\n${written}`);
  expect((await check(project, [path])).join()).toBe('');
  const wrong = written.replace('v2ToV1: (data) => data', 'v2ToV1: () => ({})');
  expect(wrong).not.toBe(written);
  writeFileSync(project.path(path), `// @ts-check\n${wrong}`);
  expect((await check(project, [path])).join()).toMatch(/casters\.js.*customer/);
  project.remove();
}, 60_000);

function bare(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' };
}

function read({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** The errors in JavaScript files of a project whose tsconfig.json is for editors. */
async function check(project: TestProject, files: readonly string[]): Promise<string[]> {
  const settings = {
    compilerOptions: {
      noEmit: true,
      strict: true,
      allowJs: true,
      target: 'es2022',
      module: 'nodenext',
      types: ['node'],
      skipLibCheck: true,
    },
    files,
  };
  writeFileSync(project.path('tsconfig.check.json'), JSON.stringify(settings));
  const compiler = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-p', 'tsconfig.check.json', '--pretty', 'false'];
  const child = execFile(process.execPath, args, { cwd: project.root }, () => {});
  const output = read(child);
  await once(child, 'close');
  return output().split('\n');
}
