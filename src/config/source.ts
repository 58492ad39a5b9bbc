import { basename } from 'node:path';
import type { Config } from './load.ts';

/** URI-reference of the service, as every envelope has it: the configured one, else the name of the package or folder. */
export function sourceOf({ source }: Config, packageName: string | undefined, root: string): string {
  return source ?? `/${basename(packageName ?? root).replaceAll(/[^A-Za-z0-9._~-]+/g, '-')}`;
}
