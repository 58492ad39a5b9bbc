import { withPosition } from './envelope.ts';
import type { LoggedEvent } from './event.ts';
import { matchesFilter } from './filter.ts';
import type { EventFilter } from './filter.ts';
import { encodeEvent } from './sse.ts';
import type { StreamBytes } from './stream-bytes.ts';
import { streamBytes } from './stream-bytes.ts';
import type { StreamSink } from './stream-sink.ts';
import type { Tenant } from './subscription-ports.ts';

/** One client of the stream. */
export interface StreamConnection {
  readonly sink: StreamSink;
  readonly tenant: Tenant;
  /** Undefined: all. */
  readonly filter: EventFilter | undefined;
  /** Every event up to here that concerns this client was written when it was attached. */
  cursor: number;
}

/** Clients of one tenant that want the same and so get the same bytes. */
interface Group {
  readonly filter: EventFilter | undefined;
  readonly connections: Set<StreamConnection>;
}

/** What the clients of one group are to be sent. */
export interface GroupShare {
  readonly connections: ReadonlySet<StreamConnection>;
  /** The public events of their tenant. */
  readonly events: readonly LoggedEvent[];
  /** Those of them that pass the filter; undefined when none does. */
  readonly bytes: StreamBytes | undefined;
}

/** All attached clients. What an event costs depends on the groups of its tenant, not on the number of clients. */
export interface StreamGroups {
  add(connection: StreamConnection): void;
  remove(connection: StreamConnection): void;
  connections(): readonly StreamConnection[];
  select(events: readonly LoggedEvent[]): readonly GroupShare[];
}

export function createStreamGroups(): StreamGroups {
  const tenants = new Map<Tenant, Map<string, Group>>();

  function connections(): StreamConnection[] {
    const all: StreamConnection[] = [];
    for (const groups of tenants.values()) {
      for (const group of groups.values()) for (const connection of group.connections) all.push(connection);
    }
    return all;
  }

  function select(events: readonly LoggedEvent[]): GroupShare[] {
    const byTenant = new Map<Tenant, LoggedEvent[]>();
    for (const event of events) {
      if (event.audience !== 'public' || tenants.has(event.tenant) === false) continue;
      const own = byTenant.get(event.tenant);
      if (own === undefined) byTenant.set(event.tenant, [event]);
      else own.push(event);
    }
    const shares: GroupShare[] = [];
    for (const [tenant, own] of byTenant) {
      const blocks = own.map(encode);
      for (const { filter, connections: wanting } of tenants.get(tenant)?.values() ?? []) {
        shares.push({ connections: wanting, events: own, bytes: join(own, blocks, filter) });
      }
    }
    return shares;
  }

  return {
    connections,
    select,

    add(connection): void {
      const { tenant, filter } = connection;
      const groups = tenants.get(tenant) ?? new Map<string, Group>();
      const group = groups.get(filterKey(filter)) ?? { filter, connections: new Set() };
      group.connections.add(connection);
      tenants.set(tenant, groups.set(filterKey(filter), group));
    },

    remove(connection): void {
      const { tenant, filter } = connection;
      const groups = tenants.get(tenant);
      const group = groups === undefined ? undefined : groups.get(filterKey(filter));
      if (groups === undefined || group === undefined) return;
      group.connections.delete(connection);
      if (group.connections.size === 0) groups.delete(filterKey(filter));
      if (groups.size === 0) tenants.delete(tenant);
    },
  };
}

/** The events after `cursor` that concern the client; undefined when there are none. */
export function encodeFor(
  connection: Pick<StreamConnection, 'tenant' | 'filter'>,
  events: readonly LoggedEvent[],
  cursor: number,
): StreamBytes | undefined {
  const { tenant, filter } = connection;
  const own = events.filter(
    (event) => event.position > cursor && event.audience === 'public' && event.tenant === tenant,
  );
  return join(own, own.map(encode), filter);
}

/** Equal for filters that let the same through; `*` cannot be one of several entries. */
export function filterKey(filter: EventFilter | undefined): string {
  return filter === undefined ? '*' : filter.join(',');
}

function encode(event: LoggedEvent): string {
  return encodeEvent(String(event.position), event.eventType, withPosition(event.body, event.position));
}

function join(
  events: readonly LoggedEvent[],
  blocks: readonly string[],
  filter: EventFilter | undefined,
): StreamBytes | undefined {
  const wanted =
    filter === undefined
      ? blocks
      : blocks.filter((_, index) => {
          const event = events[index];
          return event !== undefined && matchesFilter(filter, event.eventType);
        });
  return wanted.length === 0 ? undefined : streamBytes(wanted.join(''));
}
