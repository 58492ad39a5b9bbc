import { loadRegistry } from '../serve/registry.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';
import type { Api } from './api.ts';
import { databaseApi } from './database-api.ts';
import { findServer } from './find-server.ts';
import { httpApi } from './http.ts';
import { openUserDatabase } from './user-database.ts';

/** Which log is meant. */
export interface ApiTarget {
  readonly url: string | undefined;
  /** `name: value` */
  readonly headers: readonly string[];
  /** True stands for DATABASE_URL. */
  readonly databaseUrl: string | true | undefined;
  readonly tenant: string | undefined;
}

/**
 * For what is about webhooks, of which the API knows no tenants but the caller's own.
 * @throws EvtgenError `usage`
 */
export function checkTenant({ tenant, databaseUrl }: ApiTarget): void {
  if (tenant === undefined || databaseUrl !== undefined) return;
  throw new EvtgenError('usage', '--tenant goes with --database-url here', {
    hint: 'over HTTP the credentials say whose webhooks these are',
  });
}

/**
 * Runs something with the API that is meant, and closes it then.
 * @throws EvtgenError when the flags contradict each other, or what they name cannot be reached.
 */
export async function withApi<Result>(
  target: ApiTarget,
  terminal: Terminal,
  run: (api: Api) => Promise<Result>,
): Promise<Result> {
  const api = await openApi(target, terminal);
  try {
    return await run(api);
  } finally {
    await api.close();
  }
}

async function openApi(target: ApiTarget, terminal: Terminal): Promise<Api> {
  const { url, databaseUrl, tenant } = target;
  const headers = Object.fromEntries(target.headers.map(parseHeader));
  if (databaseUrl === undefined) return httpApi(await findServer(url, terminal), headers);
  if (url !== undefined || target.headers.length > 0) {
    throw new EvtgenError('usage', '--database-url goes with neither --url nor --header');
  }
  const { definitions } = await loadRegistry(terminal.cwd);
  const database = await openUserDatabase(databaseUrl, terminal);
  return databaseApi({ ...database, registry: definitions, tenant });
}

function parseHeader(text: string): [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new EvtgenError('usage', `--header: expected 'name: value', got ${JSON.stringify(text)}`);
  }
  return [name.toLowerCase(), value.trim()];
}
