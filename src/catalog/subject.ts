import type { Catalog } from './schema.ts';
import type { JsonSchema, Mutation } from '../scan/report.ts';
import { segmentsOf } from '../scan/segments.ts';
import { singular } from '../scan/words.ts';

/** Properties that identify a resource by custom. */
const CUSTOMARY = ['id', 'uuid', '_id'];

/** By resource (`article`), the parameters that its paths name it by (`slug` of `/articles/:slug`). */
export type Addresses = ReadonlyMap<string, ReadonlySet<string>>;

/** What a resource is called may change, and its events would not keep their order by it. */
const CHANGEABLE = /(?:name|title|slug|handle|email)$/i;

export function addressesOf(
  mutations: readonly Pick<Mutation, 'path' | 'eventType' | 'payload'>[],
): Addresses {
  const addresses = new Map<string, Set<string>>();
  for (const { path } of mutations) {
    const { segments } = segmentsOf(path);
    segments.forEach((segment, index) => {
      const next = segments[index + 1];
      if (segment.kind !== 'static' || next?.kind !== 'parameter') return;
      const resource = singular(segment.words.join('_'));
      addresses.set(resource, (addresses.get(resource) ?? new Set()).add(next.name));
    });
  }
  for (const [resource, names] of addresses) {
    const payloads = mutations
      .filter(({ eventType }) => eventType?.split('.')[0] === resource)
      .map(({ payload }) => Object.keys(payload?.properties ?? {}));
    for (const name of names) {
      const hasId = payloads.some(
        (properties) => properties.includes(name) && CUSTOMARY.some((id) => properties.includes(id)),
      );
      if (CHANGEABLE.test(name) && hasId) names.delete(name);
    }
  }
  return addresses;
}

/**
 * The property of an event's data that identifies its resource: the one that its other events in the catalog have, else
 * the one that the routes address it by, so that events of one resource share their subject, else one that identifies by
 * custom; null if the data has none of them. A name that may change is none where the resource is known to have an id as
 * well.
 */
export function subjectOf(
  eventType: string,
  payload: JsonSchema | null,
  addresses: Addresses,
  known: Catalog['eventTypes'],
): string | null {
  const [resource = ''] = eventType.split('.');
  const settled = Object.entries(known).flatMap(([type, { subject }]) =>
    subject !== undefined && type.startsWith(`${resource}.`) ? [subject] : [],
  );
  const names = [...settled, ...(addresses.get(resource) ?? []), ...CUSTOMARY];
  return names.find((name) => Object.hasOwn(payload?.properties ?? {}, name)) ?? null;
}
