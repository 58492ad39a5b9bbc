import { describeError } from './describe-error.ts';
import { CastError } from './errors.ts';
import type {
  Caster,
  Deprecation,
  EventDefinition,
  EventRegistry,
  OlderVersion,
  SchemaLike,
} from './registry.ts';

/** What has to be known of an event to say in which version somebody gets it. */
export interface VersionedEvent {
  readonly eventId: string;
  readonly eventType: string;
  /** Of the schema that its data was logged with. */
  readonly version: number;
}

/** The versions of event types side by side. Everybody gets each event in exactly one of them. */
export interface Versions {
  /**
   * The version in which an event is served: the pinned one, or else the newest. An event that was logged before
   * that version existed keeps its own unless casters lead up to it: nobody can make up what it does not tell, and
   * its version says what it is.
   */
  served(event: VersionedEvent, pinned: number | undefined): number;
  /**
   * The event's data in another version, made by one caster after the other; each schema on the way has its say.
   * @throws CastError when no casters lead there, one throws, or a schema refuses what one made.
   */
  cast(event: VersionedEvent, data: unknown, version: number): unknown;
  /** Set for a version that is on its way out. */
  deprecation(eventType: string, version: number): Deprecation | undefined;
}

type KnownVersion = Pick<OlderVersion, 'version' | 'schema' | 'deprecation'> & Partial<OlderVersion>;

interface Step {
  readonly version: number;
  readonly schema: SchemaLike;
  readonly caster: Caster;
}

/** Without a registry every event is served as it was logged. */
export function createVersions(registry: EventRegistry = {}): Versions {
  const definitionOf = (eventType: string): EventDefinition | undefined =>
    Object.hasOwn(registry, eventType) ? registry[eventType] : undefined;

  function knownVersions(eventType: string): readonly KnownVersion[] {
    const definition = definitionOf(eventType);
    return definition === undefined ? [] : [...(definition.older ?? []), definition];
  }

  /** Undefined when a version is unknown, or a caster is missing. */
  function stepsTo(version: number, event: VersionedEvent): readonly Step[] | undefined {
    const known = knownVersions(event.eventType);
    const from = known.findIndex((each) => each.version === event.version);
    const to = known.findIndex((each) => each.version === version);
    if (from < 0 || to < 0) return undefined;
    const path = from < to ? known.slice(from, to + 1) : known.slice(to, from + 1).reverse();
    const steps: Step[] = [];
    let previous = path[0];
    for (const next of path.slice(1)) {
      // The older of two versions has the casters of both directions.
      const caster = from < to ? previous?.upcast : next.downcast;
      if (caster === undefined) return undefined;
      steps.push({ version: next.version, schema: next.schema, caster });
      previous = next;
    }
    return steps;
  }

  return {
    served(event, pinned): number {
      // In the middle of a deployment an event may be newer than what this process knows.
      const wanted = pinned ?? Math.max(definitionOf(event.eventType)?.version ?? 0, event.version);
      return wanted <= event.version || stepsTo(wanted, event) !== undefined ? wanted : event.version;
    },

    cast(event, data, version): unknown {
      if (version === event.version) return data;
      const steps = stepsTo(version, event);
      if (steps === undefined) throw new CastError(event, version, 'no caster leads there');
      let result = data;
      for (const step of steps) {
        try {
          result = parsed(step.schema, step.caster(result));
        } catch (error) {
          throw new CastError(event, step.version, describeError(error));
        }
      }
      return result;
    },

    deprecation: (eventType, version) =>
      knownVersions(eventType).find((known) => known.version === version)?.deprecation,
  };
}

function parsed(schema: SchemaLike, data: unknown): unknown {
  const result = schema.safeParse(data);
  if (result.success === true) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new TypeError(`its schema refuses what the caster made: ${issues.join('; ')}`);
}
