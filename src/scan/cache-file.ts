import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { z } from 'zod';

/** Larger caches are not written, and older files than these many are removed. */
const MAX_BYTES = 16_000_000;
const MAX_FILES = 200;

/** `node_modules/.cache/evtgen` of a folder or the nearest above it that has dependencies installed; null if none. */
export function cacheFolder(root: string): string | null {
  for (let folder = root; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (statSync(modules, { throwIfNoEntry: false })?.isDirectory() === true) {
      return join(modules, '.cache', 'evtgen');
    }
    if (statSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined) return null;
    if (dirname(folder) === folder) return null;
  }
}

/** What a cache file holds; null where there is none, or where it is damaged or of another shape. */
export function readCache<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> | null {
  try {
    const text = readFileSync(file, 'utf8');
    const end = text.indexOf('\n');
    if (text.slice(0, end) !== contentHash(text.slice(end + 1))) return null;
    const parsed = schema.safeParse(JSON.parse(text.slice(end + 1)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Replaces a cache file at once. A folder that cannot be written keeps none. */
export function writeCache(file: string, content: unknown): void {
  const text = JSON.stringify(content);
  if (text.length > MAX_BYTES) return;
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, `${contentHash(text)}\n${text}`);
    renameSync(temporary, file);
    removeOld(dirname(file));
  } catch {
    remove(temporary);
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It is in a folder that cannot be written, so it was not written either.
  }
}

function removeOld(folder: string): void {
  const files = readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      return modified === undefined ? [] : [{ path, modified }];
    })
    .sort((a, b) => b.modified - a.modified);
  for (const { path } of files.slice(MAX_FILES)) remove(path);
}

export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
