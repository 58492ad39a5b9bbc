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

export interface EventDefinition {
  readonly eventType: string;
  /** Version of the schema, from 1. */
  readonly version: number;
  readonly audience: Audience;
  readonly schema: SchemaLike;
}

/** All event types of the catalog, by name. */
export type EventRegistry = Readonly<Record<string, EventDefinition>>;
