import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AddressGuard } from '../kernel/address-guard.ts';
import type { Transport } from '../kernel/ports.ts';
import type { EventRegistry } from '../kernel/registry.ts';
import { EvtgenError, rootMessage } from '../ui/errors.ts';
import type { KernelModules } from './kernel-modules.ts';
import type { LocalRegistry } from './registry.ts';

/** What `generate` wrote into a project, as far as `serve` runs it. */
export interface ProjectModules {
  readonly kernel: KernelModules;
  readonly registry: EventRegistry;
}

type CreateTransport = (options: { readonly guard: AddressGuard }) => Transport;

/** The transports that there are, and what they export. */
const TRANSPORTS = [
  ['transports/undici', 'undiciTransport'],
  ['transports/node-http', 'nodeHttpTransport'],
] as const;
const ENDINGS = ['.ts', '.mts', '.js', '.mjs', '.cjs'];

/**
 * Imports the kernel, the stores and the registry of a project, with all that was edited there. Not `setup`: that is
 * for the database of the application.
 * @param output the folder of generated code, below `root`
 * @throws EvtgenError `project_unusable`
 */
export async function loadProjectModules(root: string, output: string): Promise<ProjectModules> {
  const { importTypeScript } = await import('./typescript-hooks.ts');
  importTypeScript();
  const load = <Names extends string>(name: string, ...exports: Names[]): Promise<Record<Names, never>> =>
    importFrom(root, output, name, exports);

  const transport = TRANSPORTS.find(([name]) => fileOf(root, output, name) !== undefined);
  if (transport === undefined) throw unusable(output, 'it has no transport', undefined);
  const [transportFile, transportName] = transport;
  const createTransport: CreateTransport = (await load(transportFile, transportName))[transportName];
  const kernel: KernelModules = {
    ...(await load('kernel/events', 'composeEvents')),
    ...(await load('kernel/secret-box', 'secretBoxOf')),
    ...(await load('kernel/errors', 'InvalidEventError', 'EventIdConflictError')),
    ...(await load('stores/postgres/event-store', 'createEventStore')),
    ...(await load('stores/postgres/webhook-store', 'createWebhookStore')),
    createTransport: (guard) => createTransport({ guard }),
  };
  const { registry } = await load('registry', 'registry');
  return { kernel, registry };
}

/** The registry of the project in place of the catalog's; samples are of the catalog's schemas all the same. */
export function withDefinitions(registry: LocalRegistry, definitions: EventRegistry): LocalRegistry {
  return {
    ...registry,
    definitions,
    eventTypes: Object.keys(definitions).toSorted(),
    admit: (eventType) => Object.hasOwn(definitions, eventType),
  };
}

async function importFrom<Names extends string>(
  root: string,
  output: string,
  name: string,
  exports: readonly Names[],
): Promise<Record<Names, never>> {
  const file = fileOf(root, output, name);
  if (file === undefined) throw unusable(output, `there is no ${name}`, undefined);
  let found: Readonly<Record<string, unknown>>;
  try {
    const module = (await import(pathToFileURL(join(root, file)).href)) as {
      readonly default?: Readonly<Record<string, unknown>>;
    };
    // CommonJS whose exports Node.js does not see from outside.
    found = { ...module.default, ...module };
  } catch (error) {
    throw unusable(output, `${file}: ${rootMessage(error)}`, error);
  }
  const missing = exports.find((each) => found[each] === undefined);
  if (missing !== undefined) throw unusable(output, `${file} exports no ${missing}`, undefined);
  return found as Record<Names, never>;
}

function fileOf(root: string, output: string, name: string): string | undefined {
  return ENDINGS.map((ending) => `${output}/${name}${ending}`).find((file) => existsSync(join(root, file)));
}

function unusable(output: string, why: string, cause: unknown): EvtgenError {
  return new EvtgenError('project_unusable', `${output} cannot be run: ${why}`, {
    cause,
    hint: 'install what it imports, or bring it up to date with "evtgen generate"; without --project the kernel of evtgen runs',
  });
}
