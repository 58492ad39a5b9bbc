import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE_TTL_MS } from '../../src/kernel/lease.ts';
import type { PostgresDatabase } from '../helpers/databases.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { startLoad } from './load.ts';
import { seededRandom } from './random.ts';
import { setScene, type Conclusion } from './run.ts';
import type { BuiltShop } from './shop.ts';

const CUSTOMERS = 4;
const FROZEN_MS = LEASE_TTL_MS + 3_000;
const PATIENCE_MS = 30_000;
/** Its last customers are served by then: what they have locked would stop the others, and is not ours to see to. */
const SETTLE_MS = 300;
/** Sequencer, broker, webhooks at least. */
const ROLES = 3;

export interface Freeze {
  /** Until another process had all roles. */
  readonly takeoverMs: number;
  readonly frozenMs: number;
  /** What the broker got while it was frozen. */
  readonly published: number;
}

export interface FreezeReport extends Conclusion {
  readonly freezes: readonly Freeze[];
}

/** Two processes of the shop; in turn the one that leads is stopped where it stands, past its leases, and woken. */
export async function runWithFreezes(
  shop: BuiltShop,
  options: { readonly seed: number; readonly rounds: number },
): Promise<FreezeReport> {
  const random = seededRandom(options.seed);
  const scene = await setScene(shop, { random });
  const freezes: Freeze[] = [];
  try {
    let [leading, standby] = [scene.supervise(), scene.supervise()];
    await scene.subscribeWith(leading);
    await waitUntil(async () => (await holdersOf(scene.database)).length >= ROLES, PATIENCE_MS);
    await standby.start();
    const load = startLoad({ address: () => standby.address(), concurrency: CUSTOMERS, random });
    for (let round = 0; round < options.rounds; round += 1) {
      const start = await scene.published();
      await waitUntil(async () => (await scene.published()) > start + 50, PATIENCE_MS);
      const before = await holdersOf(scene.database);
      const publishedBefore = await scene.published();
      leading.freeze();
      const frozenAt = performance.now();
      await waitUntil(async () => {
        const now = await holdersOf(scene.database);
        return now.length >= before.length && now.every((holder) => before.includes(holder) === false);
      }, PATIENCE_MS);
      const takeoverMs = Math.round(performance.now() - frozenAt);
      await sleep(Math.max(FROZEN_MS - takeoverMs, 0));
      const published = (await scene.published()) - publishedBefore;
      leading.wake();
      freezes.push({ takeoverMs, frozenMs: Math.round(performance.now() - frozenAt), published });
      [leading, standby] = [standby, leading];
      await sleep(SETTLE_MS);
    }
    await load.stop();
    return { freezes, ...(await scene.conclude(leading)) };
  } finally {
    await scene.close();
  }
}

async function holdersOf({ pool }: PostgresDatabase): Promise<string[]> {
  const { rows } = await pool.query<{ holder: string }>(
    'select holder from evtgen.leases where expires_at > now()',
  );
  return rows.map(({ holder }) => holder);
}
