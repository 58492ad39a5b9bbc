import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutationKey } from '../catalog/merge.ts';
import type { Catalog } from '../catalog/schema.ts';
import type { Change } from '../generate/change.ts';
import type { SpecifierEnding } from '../generate/dialect.ts';
import type { Project } from '../scan/project.ts';
import type { JsonSchema, Mutation } from '../scan/report.ts';
import { emitCall, type EmitParts } from './emit-call.ts';
import { findEmit } from './find-emit.ts';
import { findAnchor, reachedFrom, type Anchor, type Reached } from './find-anchor.ts';
import { eventsImport, EVENTS } from './events-import.ts';
import { applyInsertions, insertAfter, insertBefore, styleOf, type Insertion } from './insert.ts';
import {
  functionAtLine,
  isIndexChecked,
  openProgram,
  type FunctionWithBody,
  type Program,
} from './program.ts';

export interface WiringInput {
  readonly project: Project;
  readonly mutations: readonly Mutation[];
  readonly catalog: Catalog;
  /** The schema of an event type's newest version; null where there is none. */
  readonly schemaOf: (eventType: string) => JsonSchema | null;
  /** The configured output folder, relative to the project, whose `setup` module exports `events`. */
  readonly output: string;
  /** For files without relative imports of their own. */
  readonly specifierEnding: SpecifierEnding;
  /** Other insertions of the same run, which join the change of their file. */
  readonly beside: readonly FileInsertion[];
}

/** What is to be done about one mutation of the catalog that has an event. */
export interface Wiring {
  /** `METHOD /path`, the key of the catalog. */
  readonly mutation: string;
  readonly eventType: string;
  readonly outcome: 'wired' | 'already' | 'by_hand';
  /** Where the call goes, stands, or belongs as far as is known. */
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  /** The import and the call, to be pasted. */
  readonly snippet: string;
  readonly edits: readonly FileInsertion[];
}

export interface FileInsertion extends Insertion {
  readonly file: string;
}

export interface WiringPlan {
  readonly wirings: readonly Wiring[];
  /** One update a file, of owner D. */
  readonly changes: readonly Change[];
}

interface Task {
  readonly mutation: Mutation;
  readonly key: string;
  readonly eventType: string;
  readonly handler: FunctionWithBody | null;
  readonly reached: readonly Reached[];
}

/** Plans the emit calls of all mutations that the catalog gives an event. Writes nothing. */
export function planWiring(
  input: WiringInput,
  program: Program = openProgram(input.project, input.output),
): WiringPlan {
  const { project } = input;
  const tasks = readTasks(program, input);
  const isChecked = isIndexChecked(project.root);
  const insertions = new Map<string, FileInsertion[]>();
  for (const edit of input.beside) insertions.set(edit.file, [...(insertions.get(edit.file) ?? []), edit]);
  const wirings = tasks.map((task) => {
    const wiring = wire(program, input, task, tasks, isChecked);
    const edits = wiring.edits.filter((edit) => !isPlanned(insertions.get(edit.file), edit));
    for (const edit of edits) insertions.set(edit.file, [...(insertions.get(edit.file) ?? []), edit]);
    return { ...wiring, edits };
  });
  const changes = [...insertions].map(([file, edits]): Change => {
    const before = readFileSync(join(project.root, file), 'utf8');
    // The parser's offsets do not count a byte order mark.
    const mark = before.startsWith('\uFEFF') ? '\uFEFF' : '';
    const after = mark + applyInsertions(before.slice(mark.length), edits);
    return { path: file, owner: 'D', kind: 'update', before, after };
  });
  return { wirings, changes: changes.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

function readTasks(program: Program, { mutations, catalog }: WiringInput): Task[] {
  return mutations.flatMap((mutation) => {
    const key = mutationKey(mutation);
    const entry = catalog.mutations[key];
    if (entry === undefined || !('event' in entry)) return [];
    const handler = handlerOf(program, mutation);
    const reached = handler === null ? [] : reachedFrom(program, handler);
    return [{ mutation, key, eventType: entry.event, handler, reached }];
  });
}

function handlerOf(program: Program, { handler }: Mutation): FunctionWithBody | null {
  const source = handler === undefined ? null : program.source(handler.file);
  return source === null || handler === undefined ? null : functionAtLine(source, handler.line);
}

function wire(
  program: Program,
  input: WiringInput,
  task: Task,
  tasks: readonly Task[],
  isIndexChecked: boolean,
): Wiring {
  const { eventType, key, mutation, reached } = task;
  const { file, line } = mutation.handler ?? mutation;
  const subject = input.catalog.eventTypes[eventType]?.subject ?? 'id';
  const base = { mutation: key, eventType, edits: [] };
  const byHand = (
    place: { file: string; line: number },
    reason: string,
    parts: Partial<EmitParts> = {},
  ): Wiring => ({
    ...base,
    outcome: 'by_hand',
    ...place,
    reason,
    snippet: snippet(program, input, place.file, { eventType, subject, ...parts }),
  });

  if (task.handler === null) return byHand({ file, line }, 'the handler could not be followed');
  const emitted = findEmit(reached, eventType);
  if (emitted !== null) {
    const place = program.place(emitted);
    return { ...base, outcome: 'already', ...place, reason: 'the call is there', snippet: emitted.getText() };
  }
  const other = mutationsOf(program, input.mutations, task.handler).find(
    (key) => eventOf(input.catalog, key) !== eventType,
  );
  if (other !== undefined) return byHand({ file, line }, `the handler also serves ${other}`);

  const schema = input.schemaOf(eventType);
  const anchor = findAnchor(program, reached, {
    eventType,
    subject,
    properties: Object.keys(schema?.properties ?? {}),
    required: schema?.required ?? [],
    isIndexChecked,
  });
  if (anchor.kind === 'refusal') {
    return byHand(program.place(anchor.node), anchor.reason, { client: anchor.client, data: anchor.data });
  }
  const place = program.place(anchor.statement);
  const parts = { client: anchor.client, data: anchor.data.expression };
  const shared = sharedWith(program, anchor, task, tasks);
  if (shared !== null) return byHand(place, shared, parts);
  const imported = eventsImport(program, input, anchor.statement.getSourceFile());
  if (imported.kind === 'taken') {
    return byHand(place, `\`${EVENTS}\` is already another name in this file`, parts);
  }
  const style = styleOf(anchor.statement);
  const code = emitCall({
    ...parts,
    eventType,
    subject,
    events: imported.name,
    quote: style.quote,
    isSubjectForeign: anchor.data.isSubjectForeign,
  });
  const call =
    anchor.side === 'before'
      ? insertBefore(anchor.statement, code, style)
      : insertAfter(anchor.statement, code, style);
  const edits = [...(imported.insertion === null ? [] : [imported.insertion]), call];
  return {
    ...base,
    outcome: 'wired',
    ...place,
    reason: 'last in the transaction',
    snippet: snippet(program, input, place.file, {
      ...parts,
      eventType,
      subject,
      isSubjectForeign: anchor.data.isSubjectForeign,
    }),
    edits: edits.map((edit) => ({ file: place.file, ...edit })),
  };
}

/** Why the place of the call is not this event's alone, or null. */
function sharedWith(
  program: Program,
  anchor: Anchor,
  { eventType }: Task,
  tasks: readonly Task[],
): string | null {
  const own = new Set(
    tasks
      .filter((task) => task.eventType === eventType)
      .flatMap(({ reached }) => reached.map(({ target }) => target)),
  );
  for (const target of anchor.path) {
    const references = program.references(target);
    if (references === null) return 'it cannot be seen who else calls the function that writes the row';
    for (const reference of references) {
      if (isInside(reference, own)) continue;
      const { file, line } = program.place(reference);
      return `\`${reference.text}\`, which writes the row, is also used at ${file}:${line}`;
    }
  }
  return null;
}

function isInside(node: { readonly parent: unknown }, functions: ReadonlySet<unknown>): boolean {
  for (let current: unknown = node.parent; isNode(current); current = current.parent) {
    if (functions.has(current)) return true;
  }
  return false;
}

function isNode(value: unknown): value is { readonly parent: unknown } {
  return typeof value === 'object' && value !== null && 'parent' in value;
}

function mutationsOf(program: Program, mutations: readonly Mutation[], handler: FunctionWithBody): string[] {
  const place = program.place(handler);
  return mutations
    .filter((mutation) => mutation.handler?.file === place.file && handlerOf(program, mutation) === handler)
    .map(mutationKey);
}

function eventOf(catalog: Catalog, key: string): string | null {
  const entry = catalog.mutations[key];
  return entry !== undefined && 'event' in entry ? entry.event : null;
}

function snippet(program: Program, input: WiringInput, file: string, parts: EmitParts): string {
  const source = program.source(file);
  const imported = source === null ? null : eventsImport(program, input, source);
  const call = `${emitCall(parts)};`;
  return imported === null || imported.kind === 'taken' ? call : `${imported.code}\n${call}`;
}

function isPlanned(planned: readonly Insertion[] | undefined, { position, text }: Insertion): boolean {
  return planned?.some((known) => known.position === position && known.text === text) === true;
}
