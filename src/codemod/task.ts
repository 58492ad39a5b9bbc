import { mutationKey } from '../catalog/merge.ts';
import type { Catalog } from '../catalog/schema.ts';
import type { SpecifierEnding } from '../generate/dialect.ts';
import type { Tracing } from '../scan/payload.ts';
import type { Project } from '../scan/project.ts';
import type { JsonSchema, Mutation } from '../scan/report.ts';
import type { Splice } from './insert.ts';
import type { Program } from './program.ts';
import { reachedFrom, type Reached } from './reach.ts';
import { functionAtLine, type FunctionWithBody } from './syntax.ts';

export interface WiringInput {
  readonly project: Project;
  /** Of the same project, from the scan that found the mutations. */
  readonly tracing?: Tracing | undefined;
  readonly mutations: readonly Mutation[];
  readonly catalog: Catalog;
  /** The schema of an event type's newest version; null where there is none. */
  readonly schemaOf: (eventType: string) => JsonSchema | null;
  /** The configured output folder, relative to the project, whose `setup` module exports `events`. */
  readonly output: string;
  /** For files without relative imports of their own. */
  readonly specifierEnding: SpecifierEnding;
  /** Of the project's way to its database, as `src/stores` names it. */
  readonly store: string;
  /** Why no edit can be made where the data is or may be in another database: no transaction spans both. */
  readonly foreign?: string | undefined;
  /** The emitter is a provider of NestJS, to be injected into others. */
  readonly isInjected: boolean;
  /** Handlers whose writes are not atomic are edited too. */
  readonly isAll: boolean;
  /** Calls whose event is gone from the catalog go too. */
  readonly isUnwiring: boolean;
  /** By mutation, why an edit that was planned before is not to be made. */
  readonly refused?: ReadonlyMap<string, string> | undefined;
  /** Other splices of the same run, which join the change of their file. */
  readonly beside: readonly FileSplice[];
}

export interface FileSplice extends Splice {
  readonly file: string;
}

/** A mutation of the catalog that has an event. */
export interface Task {
  readonly mutation: Mutation;
  readonly key: string;
  readonly eventType: string;
  readonly handler: FunctionWithBody | null;
  readonly reached: readonly Reached[];
}

/** What the catalog asks for, with the code that each mutation runs. */
export function readTasks(program: Program, { mutations, catalog }: WiringInput): Task[] {
  return mutations.flatMap((mutation) => {
    const key = mutationKey(mutation);
    const entry = catalog.mutations[key];
    if (entry === undefined || !('event' in entry)) return [];
    const handler = handlerOf(program, mutation);
    const reached = handler === null ? [] : reachedFrom(program, handler, mutation.method);
    return [{ mutation, key, eventType: entry.event, handler, reached }];
  });
}

export function handlerOf(program: Program, { handler }: Mutation): FunctionWithBody | null {
  const source = handler === undefined ? null : program.source(handler.file);
  return source === null || handler === undefined ? null : functionAtLine(source, handler.line);
}
