import { join } from 'node:path';
import { z } from 'zod';
import { parseJson, readTextIfPresent } from './json-file.ts';

/** What package.json calls a project; undefined where that says nothing. */
export function packageName(root: string): string | undefined {
  const text = readTextIfPresent(join(root, 'package.json'));
  return text === undefined
    ? undefined
    : parseJson('package.json', text, z.object({ name: z.string().optional() })).name;
}
