import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { astHash } from '../../src/generate/ast-hash.ts';
import { gitBlobId } from '../../src/generate/git-blob-id.ts';
import { formatManifest, type ManifestEntry } from '../../src/generate/manifest.ts';
import { compareKernel, describeKernel } from '../../src/serve/project-kernel.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
const RETRY = 'src/events/kernel/retry.ts';
const SIGN = 'src/events/kernel/sign.ts';
const TEXT = "export const ATTEMPTS = 6;\nexport const NAME = 'retry';\n";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-kernel-'));
  write(RETRY, TEXT);
  write(SIGN, TEXT);
  manifest(version);
});

it('says nothing where nothing was generated', async () => {
  rmSync(join(root, 'src/events/.evtgen'), { recursive: true });
  expect(await compareKernel(root, {})).toBeUndefined();
});

it('is the same, also after the formatter of the team or on another checkout', async () => {
  expect(await describe()).toBe('the same as in src/events');
  write(RETRY, TEXT.replaceAll("'", '"').replaceAll('\n', '\r\n'));
  expect(await describe()).toBe('the same as in src/events');
});

it('names what was edited or removed', async () => {
  write(RETRY, TEXT.replace('6', '9'));
  rmSync(join(root, SIGN));
  expect(await describe()).toBe(`not with your edits of ${RETRY}, ${SIGN} (--project runs yours)`);
});

it('names the version of an older and of a newer one', async () => {
  manifest('0.0.1');
  expect(await describe()).toBe(`src/events has that of evtgen 0.0.1, this is the newer ${version}`);
  manifest('99.0.0');
  expect(await describe()).toBe(`src/events has that of evtgen 99.0.0, this is the older ${version}`);
});

it('looks where the config says', async () => {
  expect(await compareKernel(root, { output: 'lib/own' })).toBeUndefined();
  expect(await compareKernel(root, { output: 'src/events' })).toMatchObject({
    installed: version,
    edited: [],
  });
});

async function describe(isProject = false): Promise<string | undefined> {
  const kernel = await compareKernel(root, {});
  return kernel === undefined ? undefined : describeKernel(kernel, isProject);
}

function manifest(evtgen: string): void {
  const entry: ManifestEntry = {
    owner: 'A',
    source: 'src/kernel/retry.ts',
    evtgen,
    blob: gitBlobId(TEXT),
    ast: astHash(RETRY, TEXT),
  };
  write(
    'src/events/.evtgen/manifest.json',
    formatManifest(new Map([RETRY, SIGN].map((path) => [path, entry]))),
  );
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
