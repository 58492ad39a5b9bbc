import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './load.ts';

/** The configured folder for generated code, else `src/events`, or `lib/events` where there is no `src`. */
export function outputFolder(root: string, config: Config): string {
  return config.output ?? (existsSync(join(root, 'src')) ? 'src/events' : 'lib/events');
}
