import { execFileSync, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));
/** What a server takes once, such as compiled code, must not be counted as memory of its connections. */
const WARM_UP_SHARE = 0.1;
/** With fewer there is little to join. */
const MIN_BURST = 40;

/** A load client that is compiled for the occasion: one in JavaScript would be the slower side. */
export function compileSseClient() {
  const folder = mkdtempSync(join(tmpdir(), 'evtgen-bench-'));
  const remove = () => rmSync(folder, { recursive: true });
  const path = join(folder, 'sse-client');
  try {
    execFileSync('cc', ['-O2', '-o', path, pathOf('./sse-client.c')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (error) {
    remove();
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  return { path, remove };
}

/**
 * One server of a kind, see sse-server.mjs, with all its connections.
 * single: from one event to its arrival at the last client; burst: events as fast as they come.
 *
 * @returns for both: messages a second and processor time of the server a message; memory a connection
 */
export async function measureFanOut(client, kind, connections, messages) {
  const server = fork(pathOf('./sse-server.mjs'), [kind], { execArgv: ['--expose-gc'] });
  const answer = () => new Promise((resolve) => server.once('message', resolve));
  const ask = (command, count) => {
    server.send({ command, count });
    return answer();
  };
  const { port } = await answer();
  const first = Math.round(connections * WARM_UP_SHARE);
  const load = spawn(client.path, [port, first, connections - first].map(String), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: load.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  await line();
  const before = await ask('memory');
  load.stdin.write('\n');
  await line();
  const after = await ask('memory');

  async function measure(command, count) {
    load.stdin.write(`${count * connections}\n`);
    await line();
    const { startedNs } = await ask(command, count);
    const [seen, lastNs] = (await line()).split(' ');
    if (Number(seen) !== count * connections) throw new Error(`${kind} lost events: ${seen}`);
    const { processorUs } = await ask('processor');
    return { ns: Number(BigInt(lastNs) - BigInt(startedNs)), processorUs };
  }

  async function singles(count) {
    const all = [];
    for (let done = 0; done < count; done += 1) all.push(await measure('single', 1));
    return all;
  }

  const perMessage = (parts, count) => ({
    perSecond: (count * connections * 1e9) / sum(parts.map(({ ns }) => ns)),
    processorUs: sum(parts.map(({ processorUs }) => processorUs)) / (count * connections),
  });

  const count = Math.max(1, Math.round(messages / connections));
  const burst = Math.max(MIN_BURST, count);
  await singles(Math.ceil(count / 4));
  const result = {
    single: perMessage(await singles(count), count),
    burst: perMessage([await measure('burst', burst)], burst),
    kilobytes: (after.bytes - before.bytes) / 1024 / (connections - first),
  };
  load.stdin.end();
  server.disconnect();
  await new Promise((resolve) => server.once('exit', resolve));
  return result;
}

const sum = (values) => values.reduce((total, each) => total + each, 0);
