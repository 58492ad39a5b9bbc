import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutationKey } from '../catalog/merge.ts';
import type { Catalog } from '../catalog/schema.ts';
import type { Change } from '../generate/change.ts';
import type { SpecifierEnding } from '../generate/dialect.ts';
import { ts, type Project } from '../scan/project.ts';
import type { JsonSchema, Mutation } from '../scan/report.ts';
import { emitCall, type EmitParts } from './emit-call.ts';
import { findEmit } from './find-emit.ts';
import { findAnchor, reachedFrom, type Anchor, type Reached } from './find-anchor.ts';
import { eventsImport, EVENTS, type ImportedEvents } from './events-import.ts';
import { applyInsertions, insertAfter, insertBefore, styleOf, type Insertion } from './insert.ts';
import {
  functionAtLine,
  isIndexChecked,
  openProgram,
  type FunctionWithBody,
  type Place,
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
  const { eventType, key: mutation, reached } = task;
  const emitted = findEmit(reached, eventType);
  if (emitted !== null) {
    const base = { mutation, eventType, outcome: 'already', ...program.place(emitted) } as const;
    return { ...base, reason: 'the call is there', snippet: emitted.getText(), edits: [] };
  }
  const subject = input.catalog.eventTypes[eventType]?.subject ?? 'id';
  const located = locate(program, input, task, tasks, subject, isIndexChecked);
  const { place, reason } = located;
  const parts: EmitParts = { eventType, subject, ...located.parts };
  const base = { mutation, eventType, ...place, reason, snippet: snippet(program, input, place.file, parts) };
  if (located.site === null) return { ...base, outcome: 'by_hand', edits: [] };

  const { anchor, events } = located.site;
  const style = styleOf(anchor.statement);
  const code = emitCall({ ...parts, events: events.name, quote: style.quote });
  const insert = anchor.side === 'before' ? insertBefore : insertAfter;
  const edits = [
    ...(events.insertion === null ? [] : [events.insertion]),
    insert(anchor.statement, code, style),
  ];
  return { ...base, outcome: 'wired', edits: edits.map((edit) => ({ file: place.file, ...edit })) };
}

/** Where the call of a task goes, or where a person should look and why. */
interface Located {
  readonly site: { readonly anchor: Anchor; readonly events: ImportedEvents } | null;
  readonly place: Place;
  readonly reason: string;
  /** What of the call is known. */
  readonly parts: Partial<EmitParts>;
}

function locate(
  program: Program,
  input: WiringInput,
  { eventType, mutation, handler, reached }: Task,
  tasks: readonly Task[],
  subject: string,
  isIndexChecked: boolean,
): Located {
  const byHand = (place: Place, reason: string, parts: Partial<EmitParts> = {}): Located => ({
    site: null,
    place: { file: place.file, line: place.line },
    reason,
    parts,
  });
  const start = mutation.handler ?? mutation;
  if (handler === null) return byHand(start, 'the handler could not be followed');
  const other = mutationsOf(program, input.mutations, handler).find(
    (key) => eventOf(input.catalog, key) !== eventType,
  );
  if (other !== undefined) return byHand(start, `the handler also serves ${other}`);

  const schema = input.schemaOf(eventType);
  const properties = Object.keys(schema?.properties ?? {});
  const demand = { eventType, subject, properties, required: schema?.required ?? [], isIndexChecked };
  const anchor = findAnchor(program, reached, demand);
  if (anchor.kind === 'refusal') {
    return byHand(program.place(anchor.node), anchor.reason, { client: anchor.client, data: anchor.data });
  }
  const place = program.place(anchor.statement);
  const { expression: data, isSubjectForeign } = anchor.data;
  const parts = { client: anchor.client, data, isSubjectForeign };
  const shared = sharedWith(program, anchor, eventType, tasks);
  if (shared !== null) return byHand(place, shared, parts);
  const events = eventsImport(program, input, anchor.statement.getSourceFile());
  if (events.kind === 'taken')
    return byHand(place, `\`${EVENTS}\` is already another name in this file`, parts);
  return { site: { anchor, events }, place, reason: 'last in the transaction', parts };
}

/** Why the place of the call is not this event's alone, or null. */
function sharedWith(
  program: Program,
  anchor: Anchor,
  eventType: string,
  tasks: readonly Task[],
): string | null {
  const own = new Set<ts.Node>(
    tasks
      .filter((task) => task.eventType === eventType)
      .flatMap(({ reached }) => reached.map(({ target }) => target)),
  );
  for (const target of anchor.path) {
    const references = program.references(target);
    if (references === null) return 'it cannot be seen who else calls the function that writes the row';
    const foreign = references.find((reference) => !isInside(reference, own));
    if (foreign === undefined) continue;
    const { file, line } = program.place(foreign);
    return `\`${foreign.text}\`, which writes the row, is also used at ${file}:${line}`;
  }
  return null;
}

function isInside(node: ts.Node, functions: ReadonlySet<ts.Node>): boolean {
  for (let current = node; !ts.isSourceFile(current); current = current.parent) {
    if (functions.has(current)) return true;
  }
  return false;
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
