import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokerService, isMissing, postgres } from '../helpers/services.ts';
import { ormPackages } from '../stores/orms/installed.ts';
import { brokerClientOf } from './broker-clients.ts';
import { chooseFixtures } from './choose.ts';
import { FIXTURES } from './fixtures.ts';
import { setOut, type Journey } from './journey.ts';
import { installTarball } from './modules.ts';
import { STAGES } from './stages.ts';
import { formatTable, type Outcome } from './table.ts';

const MINUTE_MS = 60_000;
const chosen = chooseFixtures();
const outcomes = new Map(FIXTURES.map(({ name }) => [name, new Map<string, Outcome>()]));
const folder = mkdtempSync(join(tmpdir(), 'evtgen-e2e-'));
let evtgen: Promise<string> | undefined;

afterAll(() => {
  process.stderr.write(`\n${formatTable(chosen, STAGES, outcomes)}\n\n`);
  rmSync(folder, { recursive: true, force: true });
});

describe.each(chosen)('$name', (fixture) => {
  const isUntestable =
    isMissing(postgres) ||
    isMissing(brokerService(brokerClientOf(fixture.broker).server)) ||
    isMissing(ormPackages);
  const results = outcomes.get(fixture.name) ?? new Map<string, Outcome>();
  const hasFailed = (): boolean => [...results.values()].includes('failed');
  let journey: Journey;

  beforeAll(async () => {
    if (isUntestable) return;
    evtgen ??= installTarball(folder);
    journey = await setOut(fixture, await evtgen);
  }, 5 * MINUTE_MS);
  afterAll(() => journey?.close(hasFailed()), MINUTE_MS);

  test.skipIf(isUntestable).for(STAGES)('$title', { timeout: 5 * MINUTE_MS }, async (stage, { skip }) => {
    skip(hasFailed(), 'a stage before it failed');
    const reason = stage.skips?.(journey);
    if (reason !== undefined) {
      results.set(stage.name, 'skipped');
      return;
    }
    results.set(stage.name, 'failed');
    const done = stage.run(journey);
    // The reporter says so when all fixtures are through.
    done.catch((error: unknown) =>
      process.stderr.write(`${fixture.name}, ${stage.name}: ${String(error)}\n`),
    );
    await expect(done).resolves.toBeUndefined();
    results.set(stage.name, 'passed');
  });
});
