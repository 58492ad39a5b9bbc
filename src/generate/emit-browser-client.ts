import type { Dialect } from './dialect.ts';
import { browserHeader } from './header.ts';
import { packageFile } from './kernel-files.ts';
import type { WantedFile } from './plan.ts';

const SOURCE = 'src/clients/event-stream.ts';

/** The client of the event stream, which goes where the configuration says: it is no part of the server. */
export function browserClientFiles(
  path: string | undefined,
  dialect: Dialect,
  version: string,
): WantedFile[] {
  if (path === undefined) return [];
  const render = (source: string, of: string): string => browserHeader(of, dialect) + source;
  return [{ path, owner: 'A', source: SOURCE, content: render(packageFile(SOURCE), version), render }];
}
