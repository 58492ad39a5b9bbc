import type { JsonSchema, Mutation, ScanReport } from '../scan/report.ts';
import type { Decisions } from './decisions.ts';
import type { Catalog, EventTypeEntry, MutationEntry } from './schema.ts';
import { addressesOf, subjectOf } from './subject.ts';

/** One thing a scan says about the catalog. */
export type CatalogChange =
  | { readonly kind: 'added'; readonly mutation: string; readonly eventType: string | null }
  | { readonly kind: 'gone'; readonly mutation: string }
  | { readonly kind: 'back'; readonly mutation: string };

export interface Merge {
  readonly catalog: Catalog;
  readonly changes: readonly CatalogChange[];
  /** Schemas of version 1 of the event types that are new, by event type. */
  readonly newSchemas: ReadonlyMap<string, JsonSchema>;
}

/** How catalog and report name a mutation. */
export function mutationKey(mutation: Pick<Mutation, 'method' | 'path'>): string {
  return `${mutation.method} ${mutation.path}`;
}

/**
 * Brings a catalog in step with a scan. Every entry that is there stays as it is: what a person renamed, ignored
 * or made public remains so. New mutations are added as proposed, those no longer in the code are marked `gone`,
 * those that are back lose the mark.
 */
export function mergeCatalog(catalog: Catalog, report: ScanReport, decisions: Decisions = new Map()): Merge {
  const mutations: Record<string, MutationEntry> = { ...catalog.mutations };
  const eventTypes: Record<string, EventTypeEntry> = { ...catalog.eventTypes };
  const newSchemas = new Map<string, JsonSchema>();
  const changes: CatalogChange[] = [];
  const addresses = addressesOf(report.mutations);
  const found = new Map(report.mutations.map((mutation) => [mutationKey(mutation), mutation]));

  for (const [key, mutation] of found) {
    const known = mutations[key];
    if (known !== undefined) {
      if (known.gone === undefined) continue;
      const { gone: _gone, ...rest } = known;
      mutations[key] = rest;
      changes.push({ kind: 'back', mutation: key });
      continue;
    }
    const entry = decisions.get(key) ?? proposalFor(mutation);
    mutations[key] = entry;
    changes.push({ kind: 'added', mutation: key, eventType: 'event' in entry ? entry.event : null });
    if ('event' in entry && !Object.hasOwn(eventTypes, entry.event)) {
      eventTypes[entry.event] = newEventType(
        mutation,
        subjectOf(entry.event, mutation.payload, addresses, catalog.eventTypes),
      );
      newSchemas.set(entry.event, mutation.payload ?? { type: 'object', properties: {} });
    }
  }
  // While a source file cannot be read, a mutation that was not found may well be in it.
  const isIncomplete = report.unresolved.some((item) => item.reason.startsWith('syntax_error'));
  for (const [key, entry] of Object.entries(mutations)) {
    if (found.has(key) || entry.gone === true || isIncomplete) continue;
    mutations[key] = { ...entry, gone: true };
    changes.push({ kind: 'gone', mutation: key });
  }
  return { catalog: { ...catalog, eventTypes, mutations }, changes, newSchemas };
}

/** Only mutations are proposed as events; for the rest the kind is the reason to ignore them. */
function proposalFor(mutation: Mutation): { event: string } | { ignore: string } {
  if (mutation.kind !== 'mutation') return { ignore: mutation.kind };
  return mutation.eventType === null ? { ignore: 'no_name' } : { event: mutation.eventType };
}

function newEventType(mutation: Mutation, subject: string | null): EventTypeEntry {
  const isInternal = mutation.kind === 'auth' || mutation.sensitive.length > 0;
  return {
    version: 1,
    audience: isInternal ? 'internal' : 'public',
    ...(subject === null ? {} : { subject }),
  };
}
