import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../helpers/exec.ts';

const run = promisify(execFile);
const EVTGEN = join(repositoryRoot, 'bin/evtgen.js');

/** The sample shop with generated, wired and compiled events code. */
export interface BuiltShop {
  readonly dir: string;
  /** What `node` runs: the shop and its event worker in one process. */
  readonly main: string;
  remove(): Promise<void>;
}

/** Generates the shop as a user would, and compiles it together with the failpoints. */
export async function buildShop(): Promise<BuiltShop> {
  const dir = await mkdtemp(join(tmpdir(), 'evtgen-faults-'));
  await cp(join(repositoryRoot, 'fixtures/express-orders'), dir, { recursive: true });
  await symlink(join(repositoryRoot, 'node_modules'), join(dir, 'node_modules'), 'dir');
  await writeFile(join(dir, 'evtgen.config.json'), '{ "broker": "redis-streams" }\n');
  await run(process.execPath, [EVTGEN, 'scan', '--write'], { cwd: dir });
  await run(process.execPath, [EVTGEN, 'generate', '--wire'], { cwd: dir });

  const app = join(import.meta.dirname, 'app');
  await cp(join(app, 'failpoints.ts'), join(dir, 'src/failpoints.ts'));
  await cp(join(app, 'main.ts'), join(dir, 'src/main.ts'));
  await cp(join(app, 'setup.ts'), join(dir, 'src/events/setup.ts'));
  for (const file of MORE_BROKERS) await copyBinding(`brokers/${file}`, dir);
  await run(process.execPath, [join(repositoryRoot, 'node_modules/typescript/bin/tsc')], { cwd: dir });
  return {
    dir,
    main: join(dir, 'dist/main.js'),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** `generate` writes for one broker; these are what it would write for the others. */
const MORE_BROKERS = ['rabbitmq.ts', 'kafka.ts', 'held-client.ts', 'in-order.ts', 'cloud-event.ts'];

async function copyBinding(file: string, dir: string): Promise<void> {
  const text = await readFile(join(repositoryRoot, 'src', file), 'utf8');
  await writeFile(join(dir, 'src/events', file), text.replaceAll(/(from '\.[^']+)\.ts'/g, "$1.js'"));
}

/** The shop's own migration; the tables of the event log come from the test database. */
export function shopSchema({ dir }: BuiltShop): Promise<string> {
  return readFile(join(dir, 'migrations/0001_shop.sql'), 'utf8');
}
