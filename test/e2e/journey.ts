import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseManifest } from '../../src/generate/manifest.ts';
import { projectAt, type TestProject } from '../generate/project.ts';
import { startBroker } from '../helpers/broker-server.ts';
import { openPostgres } from '../helpers/databases.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { brokerClientOf, type BrokerClient } from './broker-clients.ts';
import type { Environment } from './commands.ts';
import type { Fixture } from './fixtures.ts';
import { installPackages } from './modules.ts';
import type { Shop } from './shop.ts';

/** One fixture on its way: a copy of it, and what it runs on. */
export interface Journey {
  readonly fixture: Fixture;
  readonly project: TestProject;
  readonly env: Environment;
  readonly broker: BrokerClient;
  /** How `generate` said that its tests are run. */
  testCommand: string;
  /** Once it is started. */
  shop: Shop | undefined;
  /** Below `src` or wherever it is, once there is one. */
  manifestPath(): string;
  /** What `generate` wrote. */
  written(): string[];
  close(isKept: boolean): Promise<void>;
}

/** @param evtgen the folder of the installed tarball */
export async function setOut(fixture: Fixture, evtgen: string): Promise<Journey> {
  const root = mkdtempSync(join(tmpdir(), `evtgen-e2e-${fixture.name}-`));
  cpSync(join(repositoryRoot, 'fixtures', fixture.name), root, { recursive: true });
  await installPackages(root, fixture, evtgen);
  const home = mkdtempSync(join(tmpdir(), 'evtgen-e2e-home-'));
  mkdirSync(join(home, 'broker'));
  const database = await openPostgres();
  // The application brings it with its own migrations.
  await database.pool.query('drop schema evtgen cascade');
  const kind = brokerClientOf(fixture.broker);
  const broker = await kind.open((settings) => startBroker(kind.server, settings), join(home, 'broker'));
  const project = projectAt(root);
  const output = (): string => (existsSync(project.path('src')) ? 'src/events' : 'lib/events');
  const journey: Journey = {
    fixture,
    project,
    env: {
      HOME: home,
      NO_COLOR: '1',
      CI: '1',
      NEXT_TELEMETRY_DISABLED: '1',
      // Nothing is downloaded: `prisma generate` needs no engine, but looks for one.
      CHECKPOINT_DISABLE: '1',
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      DATABASE_URL: database.url,
      EVTGEN_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      EVTGEN_WEBHOOK_ALLOW: '127.0.0.1',
      EVTGEN_RETRY_SECONDS: '0.05,0.05',
      ...broker.env,
    },
    broker,
    testCommand: '',
    shop: undefined,
    manifestPath: () => `${output()}/.evtgen/manifest.json`,
    written: () => [
      ...parseManifest(
        journey.manifestPath(),
        readFileSync(project.path(journey.manifestPath()), 'utf8'),
      ).keys(),
    ],
    async close(isKept) {
      await journey.shop?.close();
      await broker.close();
      await database.close();
      rmSync(home, { recursive: true, force: true });
      if (isKept) process.stderr.write(`${fixture.name} is kept in ${root}\n`);
      else project.remove();
    },
  };
  return journey;
}
