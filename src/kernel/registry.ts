import type { Audience } from './event.ts';

/** The part of a validator that the kernel uses; zod has this shape, and so may others. */
export interface SchemaLike {
  /** Gives the parsed data: plain JSON values, without keys that the schema does not declare. */
  safeParse(input: unknown): SchemaResult;
}

export type SchemaResult =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };

export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** When a version of an event type stops being advised, and being served. */
export interface Deprecation {
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601, not before `since`. */
  readonly sunset?: string | undefined;
}

interface CasterMethod {
  cast(data: unknown): unknown;
}

/** Makes data of one version of data of another. Taken from a method, so that one typed by what it takes fits in. */
export type Caster = CasterMethod['cast'];

/** A version of an event type before its newest, with the way from the next newer one and back. */
export interface OlderVersion {
  readonly version: number;
  readonly schema: SchemaLike;
  /** Makes data of this version of data of the next newer one. */
  readonly downcast: Caster;
  /** Makes data of the next newer version of data of this one, where that can be done at all. */
  readonly upcast?: Caster | undefined;
  readonly deprecation?: Deprecation | undefined;
}

export interface EventDefinition {
  readonly eventType: string;
  /** The newest version of the schema, from 1: what is emitted. */
  readonly version: number;
  readonly audience: Audience;
  readonly schema: SchemaLike;
  readonly deprecation?: Deprecation | undefined;
  /** The versions that are served beside the newest, oldest first. */
  readonly older?: readonly OlderVersion[] | undefined;
  /** Older versions that brokers get as well. */
  readonly publishVersions?: readonly number[] | undefined;
}

/** All event types of the catalog, by name. */
export type EventRegistry = Readonly<Record<string, EventDefinition>>;

/** The versions that a subscription may be pinned to, ascending; the last is the newest. */
export function versionsOf(definition: EventDefinition): number[] {
  return [...(definition.older ?? []).map(({ version }) => version), definition.version];
}

/** The event types that webhooks and streams may get; for customers there are no others. */
export function publicDefinitions(registry: EventRegistry): EventDefinition[] {
  return Object.values(registry).filter((definition) => definition.audience === 'public');
}
