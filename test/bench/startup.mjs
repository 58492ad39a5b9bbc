/**
 * How long the light commands take from start to exit, as multiples of a bare `node -e 0` in the same run: median
 * of ten, interleaved, so that a busy machine slows all of them alike. Run it by `npm run bench -- --only startup`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = 10;
const bin = fileURLToPath(new URL('../../bin/evtgen.js', import.meta.url));

const commands = {
  'node -e 0': ['-e', '0'],
  'evtgen --help': [bin, '--help'],
  'evtgen verify-sig --help': [bin, 'verify-sig', '--help'],
  'evtgen verify-sig': [bin, 'verify-sig', '--request', signedRequest(), '--secret-file', secretFile()],
};

const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, args] of Object.entries(commands)) {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`${name} ended with ${status}`);
    times[name].push(performance.now() - start);
  }
}

const bare = median(times['node -e 0']);
const bareKb = peakKb(commands['node -e 0']);
for (const [name, values] of Object.entries(times)) {
  const ms = median(values);
  const kb = peakKb(commands[name]);
  const memory = `${(kb / 1024).toFixed(0).padStart(4)} MB  ${(kb / bareKb).toFixed(2)} x`;
  process.stdout.write(
    `${name.padEnd(26)} ${ms.toFixed(0).padStart(4)} ms  ${(ms / bare).toFixed(2)} x  ${memory}\n`,
  );
}

/** Peak resident memory, as the process itself learns it when it ends. */
function peakKb(args) {
  const report = `process.on('exit',()=>process._rawDebug(process.resourceUsage().maxRSS))`;
  const { stderr } = spawnSync(process.execPath, ['--import', `data:text/javascript,${report}`, ...args], {
    encoding: 'utf8',
  });
  return Number(stderr.trim().split('\n').at(-1));
}

function secretFile() {
  const file = join(mkdtempSync(join(tmpdir(), 'evtgen-startup-')), 'secret');
  writeFileSync(file, 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n');
  return file;
}

function signedRequest() {
  const args = [bin, 'sign', '--http', '--payload', bin, '--secret-file', secretFile()];
  const { stdout } = spawnSync(process.execPath, args);
  const file = join(mkdtempSync(join(tmpdir(), 'evtgen-startup-')), 'captured.http');
  writeFileSync(file, stdout);
  return file;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
