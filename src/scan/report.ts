import type { MutationWiring } from '../codemod/wiring-state.ts';

/** The result of a scan: exactly the document that `scan --json` prints (DESIGN section 5). */
export interface ScanReport {
  readonly schemaVersion: 1;
  /** Absolute path of the scanned folder. */
  readonly root: string;
  readonly frameworks: readonly string[];
  readonly orm: string | null;
  readonly mutations: readonly Mutation[];
  readonly unresolved: readonly Unresolved[];
  /** Where there are any. */
  readonly otherInterfaces?: readonly OtherInterface[];
  readonly stats: { readonly files: number; readonly parsed: number; readonly durationMs: number };
}

export type MutationMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'ALL';

/** What a route is for; only `mutation` is proposed as an event. */
export type MutationKind = 'mutation' | 'query' | 'auth' | 'inbound_webhook';

/** A POST, PUT, PATCH or DELETE route handler. */
export interface Mutation {
  readonly method: MutationMethod;
  /** `:name` parameters, `*` for a catch-all, no trailing slash, with every statically known prefix. */
  readonly path: string;
  readonly framework: string;
  /** The package's folder, where a monorepo was scanned at its root; empty for the root's own. */
  readonly package?: string;
  /** Of the registration, relative to the scanned folder with forward slashes. */
  readonly file: string;
  readonly line: number;
  /** The function that runs, where it can be found. */
  readonly handler?: { readonly name: string | null; readonly file: string; readonly line: number };
  /** A part of the path is known only to the running program. */
  readonly partial: boolean;
  readonly kind: MutationKind;
  /** Null when no name is proposed. */
  readonly eventType: string | null;
  readonly confidence: 'high' | 'medium' | 'low';
  /** JSON Schema draft-07 of the event's `data`; null when nothing is known. */
  readonly payload: JsonSchema | null;
  readonly payloadSource: 'response' | 'entity' | 'request' | 'none';
  /** Property names left out of `payload` because they look secret. */
  readonly sensitive: readonly string[];
  /** Whether the handler emits the event of the catalog, in projects that code was generated into. */
  readonly wiring?: MutationWiring['state'];
}

/** What changes things and is no handler of an HTTP method, by the library that offers it. */
export interface OtherInterface {
  readonly kind: 'graphql' | 'trpc' | 'grpc';
  readonly library: string;
  /** How many places of the sources say so. */
  readonly places: number;
  /** The first of them. */
  readonly file: string;
  readonly line: number;
}

/** Something that registers or may register a mutation but could not be followed. Never dropped in silence. */
export interface Unresolved {
  readonly file: string;
  readonly line: number;
  /** Stable code, optionally followed by `: detail`, e.g. `syntax_error: '}' expected.` */
  readonly reason: string;
  /** The reason in a sentence. */
  readonly message: string;
}

/** The subset of JSON Schema draft-07 that evtgen reads and writes. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: JsonSchemaType | readonly JsonSchemaType[];
  readonly format?: string;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly const?: string | number | boolean | null;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export type JsonSchemaType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';
