import { envelopeText } from './envelope.ts';
import { CastError } from './errors.ts';
import type { Envelope, PublishedEvent } from './event.ts';
import type { EventRegistry } from './registry.ts';
import { createVersions } from './versions.ts';

/** One event in the versions that brokers get. */
export interface Editions {
  /** The newest version first: a consumer that drops repeats by id, and asks for no version, keeps that one. */
  readonly events: readonly PublishedEvent[];
  /** The versions that it could not be brought into; they hold nothing else back. */
  readonly failures: readonly CastError[];
}

/**
 * Brokers get each event in its newest version, and in those that `publishVersions` of its definition names. All of
 * them have its id and position: what is unique is the pair of id and version.
 */
export type EditionsOf = (event: PublishedEvent) => Editions;

/** Without a registry events are published as they were logged. */
export function createEditions(registry: EventRegistry = {}): EditionsOf {
  const versions = createVersions(registry);

  return (event) => {
    const definition = Object.hasOwn(registry, event.eventType) ? registry[event.eventType] : undefined;
    const newest = versions.served(event, undefined);
    // What nearly every event is, and most of the work otherwise.
    if (newest === event.version && definition?.publishVersions === undefined) {
      return { events: [event], failures: [] };
    }
    const named = (definition?.publishVersions ?? []).map((pinned) => versions.served(event, pinned));
    const wanted = new Set([newest, ...[...named].sort((a, b) => b - a)]);
    const events: PublishedEvent[] = [];
    const failures: CastError[] = [];
    for (const version of wanted) {
      if (version === event.version) {
        events.push(event);
        continue;
      }
      try {
        const logged = JSON.parse(event.body) as Envelope;
        const data = versions.cast(event, logged.data, version);
        events.push({ ...event, version, body: envelopeText({ ...logged, version, data }) });
      } catch (error) {
        if (error instanceof CastError === false) throw error;
        failures.push(error);
      }
    }
    return { events, failures };
  };
}
