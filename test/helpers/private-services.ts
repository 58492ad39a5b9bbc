import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from './exec.ts';

const run = promisify(execFile);
const scripts = join(repositoryRoot, 'test/services');

/** A PostgreSQL and a Redis of the test's own, which it may stop: both keep their data and their ports. */
export interface PrivateServices {
  readonly postgresUrl: string;
  readonly redisUrl: string;
  /** `fast` ends all sessions in good order; `immediate` is a crash, and the next start recovers from it. */
  stopPostgres(mode: 'fast' | 'immediate'): Promise<void>;
  startPostgres(): Promise<void>;
  stopRedis(signal: 'TERM' | 'KILL'): Promise<void>;
  startRedis(): Promise<void>;
  close(): Promise<void>;
}

/** Redis keeps what it has confirmed, on the disk. */
export async function startPrivateServices(): Promise<PrivateServices> {
  const folder = join(tmpdir(), `evtgen-services-${randomUUID()}`);
  const { stdout } = await run(join(scripts, 'start.sh'), [folder], {
    env: { ...process.env, EVTGEN_REDIS_OPTIONS: 'appendonly yes\nappendfsync always' },
  });
  const one = async (...args: string[]): Promise<void> =>
    void (await run(join(scripts, 'one.sh'), [folder, ...args]));

  return {
    postgresUrl: exported(stdout, 'EVTGEN_TEST_POSTGRES_URL'),
    redisUrl: exported(stdout, 'EVTGEN_TEST_REDIS_URL'),
    stopPostgres: (mode) => one('stop', 'postgres', mode),
    startPostgres: () => one('start', 'postgres'),
    stopRedis: (signal) => one('stop', 'redis', signal),
    startRedis: () => one('start', 'redis'),
    close: async () => void (await run(join(scripts, 'stop.sh'), [folder])),
  };
}

function exported(printed: string, name: string): string {
  const value = new RegExp(`^export ${name}=(.*)$`, 'm').exec(printed)?.[1];
  if (value === undefined) throw new Error(`start.sh did not print ${name}`);
  return value;
}
