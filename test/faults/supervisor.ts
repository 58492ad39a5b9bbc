import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { BuiltShop } from './shop.ts';

const READY = /ready on (http:\/\/\S+)\n/;
/** A failpoint that is not reached by then is not reachable: the test is wrong. */
const PATIENCE_MS = 60_000;

/** A moment at which the process dies. */
export const FAILPOINTS = [
  'after_lease',
  'after_commit',
  'after_stamp',
  'mid_batch',
  'after_publish',
  'before_result',
  'after_spill',
  'after_claim',
  'before_retry_result',
  'mid_exhaust',
  'after_exhaust',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/** When to kill: at the count-th time a failpoint is reached, or some time after the start. */
export type Kill =
  | { readonly failpoint: Failpoint; readonly count: number }
  | { readonly failpoint: 'random'; readonly afterMs: number };

/** Keeps one process of the shop running, and kills it. */
export interface Supervisor {
  address(): string | undefined;
  /** Runs the shop until this kill has happened. */
  runUntil(kill: Kill): Promise<void>;
  /** Runs the shop undisturbed. */
  start(): Promise<void>;
  /** Stops the process where it stands, with all it holds. */
  freeze(): void;
  wake(): void;
  stop(): Promise<void>;
}

export function superviseShop(shop: BuiltShop, env: Readonly<Record<string, string>>): Supervisor {
  let child: ChildProcess | undefined;
  let address: string | undefined;

  async function launch(failpoint?: string): Promise<ChildProcess> {
    const launched = spawn(process.execPath, [shop.main], {
      cwd: shop.dir,
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        ...env,
        ...(failpoint && { EVTGEN_FAILPOINT: failpoint }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = launched;
    let printed = '';
    launched.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
    const ready = new Promise<string | undefined>((resolve) => {
      launched.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString('utf8');
        const url = READY.exec(printed)?.[1];
        if (url !== undefined) resolve(url);
      });
      // A failpoint may be reached before the shop listens: there is a backlog.
      launched.once('exit', () => resolve(undefined));
    });
    address = await ready;
    if (address === undefined && launched.signalCode !== 'SIGKILL')
      throw new Error(`the shop ended: ${printed}`);
    return launched;
  }

  return {
    address: () => address,

    async runUntil(kill) {
      const named = kill.failpoint === 'random' ? undefined : `${kill.failpoint}:${kill.count}`;
      const launched = await launch(named);
      if (kill.failpoint === 'random') setTimeout(() => launched.kill('SIGKILL'), kill.afterMs);
      if (launched.exitCode === null && launched.signalCode === null) {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        await once(launched, 'exit', { signal }).catch(() => {
          launched.kill('SIGKILL');
          throw new Error(`${kill.failpoint} was not reached within ${PATIENCE_MS} ms`);
        });
      }
      address = undefined;
      if (launched.signalCode !== 'SIGKILL') throw new Error(`the shop ended with ${launched.exitCode}`);
    },

    async start() {
      await launch();
    },

    freeze: () => void child?.kill('SIGSTOP'),
    wake: () => void child?.kill('SIGCONT'),

    async stop() {
      address = undefined;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      // Frozen, it would not hear of it.
      child.kill('SIGCONT');
      await once(child, 'exit');
    },
  };
}
