import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { isErrno } from '../ui/errors.ts';

const gunzip = promisify(gunzipCallback);
const FOLDER = fileURLToPath(new URL('../../templates/serve/', import.meta.url));
const PREFIX = 'pglite-';

/**
 * A fresh PostgreSQL data folder as a tar archive: what initdb leaves, before any migration. PGlite's own initdb
 * takes 3 to 7 s, unpacking this 0.3 s. It belongs to one version of PGlite and ships with evtgen.
 * @returns undefined where it was not packed.
 */
export async function readSnapshot(): Promise<Uint8Array | undefined> {
  try {
    return await gunzip(await readFile(await snapshotFile()));
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes the archive's files under `target`, which comes into being whole or not at all. Blocking: a thread that still
 * writes when a signal ends the process would bring back what is removed at exit.
 */
export async function unpackSnapshot(archive: Uint8Array, target: string): Promise<void> {
  const { parseTar } = await import('nanotar');
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  for (const { name, type, data } of parseTar(archive)) {
    const path = join(unfinished, name);
    if (type === 'directory') mkdirSync(path, { recursive: true, mode: 0o700 });
    else writeFileSync(path, data ?? '', { mode: 0o600 });
  }
  renameSync(unfinished, target);
}

/** Packs the archive for the installed PGlite, unless it is there. Run by `npm run prepare`. */
export async function packSnapshot(): Promise<void> {
  const file = await snapshotFile();
  const packed = await readdir(FOLDER);
  for (const name of packed.filter((entry) => entry.startsWith(PREFIX) && join(FOLDER, entry) !== file)) {
    await rm(join(FOLDER, name));
  }
  if (packed.some((name) => join(FOLDER, name) === file)) return;
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create();
  const archive = await database.dumpDataDir('gzip');
  await database.close();
  await writeFile(`${file}.unfinished`, archive.stream());
  await rename(`${file}.unfinished`, file);
}

async function snapshotFile(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const manifest = await readFile(join(dirname(entry), '../package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  return join(FOLDER, `${PREFIX}${version}.tar.gz`);
}
