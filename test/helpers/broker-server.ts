import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from './exec.ts';
import { givenBrokerUrl, type BrokerName } from './services.ts';

const run = promisify(execFile);
const script = join(repositoryRoot, 'test/services/broker.sh');

/** A broker that keeps its data and its port over a crash. */
export interface BrokerServer {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * One of the test's own, unless the environment names one, which it cannot kill.
 * @param settings what `broker.sh` heeds
 */
export async function startBroker(
  name: BrokerName,
  settings: Readonly<Record<string, string>> = {},
): Promise<BrokerServer> {
  const given = givenBrokerUrl(name);
  if (given !== undefined) {
    const refuse = (): Promise<void> => Promise.reject(new Error('this server is not ours'));
    return { url: given, kill: refuse, start: refuse, close: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'evtgen-broker-'));
  const env = { ...process.env, ...settings, EVTGEN_OWNER_PID: String(process.pid) };
  const call = (...args: string[]) => run(script, [folder, ...args], { env });
  const { stdout } = await call('start', name);
  return {
    url: stdout.trim(),
    kill: async () => void (await call('stop', name, 'KILL')),
    start: async () => void (await call('start', name)),
    async close(): Promise<void> {
      await call('stop', name, 'KILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
