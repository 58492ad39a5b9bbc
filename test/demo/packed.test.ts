import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evtgen, repositoryRoot } from '../helpers/exec.ts';

const run = promisify(execFile);
const MINUTE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'evtgen-packed-'));
let files: string[];

/** As a stranger has it: the tarball, installed into an empty folder. */
beforeAll(async () => {
  // The build is there already; the scripts would make it anew under the feet of other tests.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', pack, { cwd: repositoryRoot });
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  files = packed.files.map(({ path }) => path);
  await run('npm', ['init', '--yes'], { cwd: folder });
  await run('npm', ['install', '--no-audit', '--no-fund', join(folder, packed.filename)], { cwd: folder });
}, 5 * MINUTE_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('holds what runs, what is emitted and the sample shop, and nothing else', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'bin/evtgen.js',
      'dist/cli.js',
      'src/kernel/emit.ts',
      'src/stores/pg.ts',
      'templates/sql/0001-event-log.sql',
      'fixtures/express-orders/src/server.ts',
      expect.stringMatching(/^templates\/serve\/pglite-.*\.tar\.gz$/),
    ]),
  );
  // The way to the compiler is a module that TypeScript does not build.
  const isOwn = (path: string): boolean => path === 'src/scan/compiler.cjs';
  expect(
    files.filter(
      (path) =>
        /^(test|src\/(scan|generate|serve)|fixtures\/(?!express-orders))\//.test(path) && !isOwn(path),
    ),
  ).toEqual([]);
});

describe('npx evtgen demo', () => {
  it(
    'plays all of the story, and leaves a shop that a second generate does not change',
    async () => {
      const demo = await run('npx', ['evtgen', 'demo', '--dir', 'shop'], { cwd: folder });
      const steps = demo.stdout.split('\n').filter((line) => /^\d+\. /.test(line));
      expect(steps).toEqual([
        '1. An Express API with a PostgreSQL database, as many teams have one',
        '2. evtgen scan --write',
        '3. evtgen generate --wire',
        '4. npm install zod',
        '5. Migrate, then start the shop and its event worker',
        '6. Subscribe a receiver, and open the live stream',
        '7. Place an order',
        '8. Break the receiver, and place another order',
        '9. Mend the receiver, and replay the dead letter',
        '10. evtgen verify-sig --request received.http --secret-file secret.txt',
      ]);
      expect(demo.stdout).toContain('good signature');

      const again = ['evtgen', 'generate', 'shop', '--wire', '--allow-dirty', '--check'];
      expect((await run('npx', again, { cwd: folder })).stdout).toMatch(/^everything is up to date/);
      // The routes that were generated are no mutations of the shop.
      expect((await run('npx', ['evtgen', 'scan', 'shop', '--check'], { cwd: folder })).stderr).toContain(
        'events/catalog.json is up to date',
      );
    },
    5 * MINUTE_MS,
  );

  it(
    'says in one line that it cannot install without network and cache',
    async () => {
      const env = {
        npm_config_registry: 'http://127.0.0.1:9/',
        npm_config_cache: join(folder, 'empty-cache'),
      };
      const { status, stderr } = await evtgen(['demo', '--dir', join(folder, 'offline')], { env });
      expect(status).toBe(2);
      expect(stderr).toMatch(/^error: the shop's packages cannot be installed: .*\nhint: .*\n$/);
    },
    2 * MINUTE_MS,
  );

  it('does not touch a folder that has something in it', async () => {
    const { status, stderr } = await evtgen(['demo', '--dir', folder]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: .*: the folder is not empty\n/);
  });
});
