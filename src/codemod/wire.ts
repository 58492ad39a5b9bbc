import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutationKey } from '../catalog/merge.ts';
import type { Catalog } from '../catalog/schema.ts';
import type { Change } from '../generate/change.ts';
import type { SpecifierEnding } from '../generate/dialect.ts';
import type { Tracing } from '../scan/payload.ts';
import { ts, type Project } from '../scan/project.ts';
import type { JsonSchema, Mutation } from '../scan/report.ts';
import { emitCall, type EmitParts } from './emit-call.ts';
import { findEmit } from './find-emit.ts';
import { emitterAt } from './emitter.ts';
import type { Demand } from './event-data.ts';
import { findAnchor, isRepeated, reachedFrom, type Anchor, type Reached, type UnheldWrite } from './find-anchor.ts';
import { eventsImport } from './events-import.ts';
import { applySplices, insertAfter, insertBefore, styleOf, type Splice } from './insert.ts';
import { ormsOf } from './orms/index.ts';
import { isTableOf } from './sql.ts';
import { holdWrite, wrapWrite } from './wrap.ts';
import { writesIn } from './writes.ts';
import { isIndexChecked, openProgram, type Place, type Program } from './program.ts';
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
  /** The emitter is a provider of NestJS, to be injected into others. */
  readonly isInjected: boolean;
  /** Handlers whose writes are not atomic are edited too. */
  readonly isAll: boolean;
  /** Other splices of the same run, which join the change of their file. */
  readonly beside: readonly FileSplice[];
}

/**
 * What is to be done about one mutation of the catalog that has an event:
 * - `joined`: the call goes into the transaction that is open there.
 * - `wrapped`: a lone write and the call get a transaction around them.
 * - `not_atomic`: the same, though the handler writes more than that one row, each by itself today.
 * - `by_hand`: nothing is touched.
 * - `already`: the call is there.
 */
export type Outcome = 'joined' | 'wrapped' | 'not_atomic' | 'by_hand' | 'already';

export interface Wiring {
  /** `METHOD /path`, the key of the catalog. */
  readonly mutation: string;
  readonly eventType: string;
  readonly outcome: Outcome;
  /** Where the call goes, stands, or belongs as far as is known. */
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  /** The import and the call, to be pasted. */
  readonly snippet: string;
  readonly edits: readonly FileSplice[];
}

export interface FileSplice extends Splice {
  readonly file: string;
}

export interface WiringPlan {
  readonly wirings: readonly Wiring[];
  /** One update a file, of owner D: the edits of what is joined and wrapped, and of the rest if asked for. */
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
export function planWiring(input: WiringInput, program: Program = programOf(input)): WiringPlan {
  const { project } = input;
  const tasks = readTasks(program, input);
  const isChecked = isIndexChecked(project.root);
  const splices = new Map<string, FileSplice[]>();
  for (const edit of input.beside) splices.set(edit.file, [...(splices.get(edit.file) ?? []), edit]);
  const wirings = tasks.map((task) => {
    const wiring = wire(program, input, task, tasks, isChecked);
    if (wiring.outcome === 'not_atomic' && !input.isAll) return wiring;
    const edits = wiring.edits.filter((edit) => !isPlanned(splices.get(edit.file), edit));
    if (edits.some((edit) => isAcross(splices.get(edit.file), edit))) {
      return { ...wiring, outcome: 'by_hand', reason: 'another event is wired there', edits: [] } as const;
    }
    for (const edit of edits) splices.set(edit.file, [...(splices.get(edit.file) ?? []), edit]);
    return { ...wiring, edits };
  });
  return { wirings, changes: changesOf(project, splices) };
}

export function programOf({ project, output, store, tracing }: WiringInput): Program {
  return openProgram(project, output, ormsOf(store), tracing);
}

/** What a file becomes by the splices that are planned for it. */
export function changesOf(project: Project, splices: ReadonlyMap<string, readonly FileSplice[]>): Change[] {
  const changes = [...splices].map(([file, edits]): Change => {
    const before = readFileSync(join(project.root, file), 'utf8');
    // The parser's offsets do not count a byte order mark.
    const mark = before.startsWith('\uFEFF') ? '\uFEFF' : '';
    const after = mark + applySplices(before.slice(mark.length), edits);
    return { path: file, owner: 'D', kind: 'update', before, after };
  });
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
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
  const { outcome, place, reason, parts, edits } = locate(program, input, task, tasks, subject, isIndexChecked);
  const code = snippet(program, input, place.file, { eventType, subject, ...parts });
  return {
    mutation,
    eventType,
    outcome,
    file: place.file,
    line: place.line,
    reason,
    snippet: code,
    edits: edits.map((edit) => ({ file: place.file, ...edit })),
  };
}

/** Where the call of a task goes, or where a person should look and why. */
interface Located {
  readonly outcome: Outcome;
  readonly place: Place;
  readonly reason: string;
  /** What of the call is known. */
  readonly parts: Partial<EmitParts>;
  readonly edits: readonly Splice[];
}

function byHand(place: Place, reason: string, parts: Partial<EmitParts> = {}): Located {
  return { outcome: 'by_hand', place, reason, parts, edits: [] };
}

function locate(
  program: Program,
  input: WiringInput,
  { eventType, mutation, handler, reached }: Task,
  tasks: readonly Task[],
  subject: string,
  isIndexChecked: boolean,
): Located {
  const { file, line } = mutation.handler ?? mutation;
  if (handler === null) return byHand({ file, line }, 'the handler could not be followed');
  const other = mutationsOf(program, input.mutations, handler).find(
    (key) => eventOf(input.catalog, key) !== eventType,
  );
  if (other !== undefined) return byHand({ file, line }, `the handler also serves ${other}`);

  const schema = input.schemaOf(eventType);
  const properties = Object.keys(schema?.properties ?? {});
  const demand = { eventType, subject, properties, required: schema?.required ?? [], isIndexChecked };
  const site: Site = { program, input, demand, tasks };
  const anchor = findAnchor(program, reached, demand);
  if (anchor.kind === 'anchor') return joinAt(site, anchor);
  if (anchor.kind === 'unheld') return joinWrite(site, anchor);
  if (anchor.isOutside === true) {
    const wrapped = wrapIn(site, reached);
    if (wrapped !== null) return wrapped;
  }
  return byHand(program.place(anchor.node), anchor.reason, { client: anchor.client, data: anchor.data });
}

interface Site {
  readonly program: Program;
  readonly input: WiringInput;
  readonly demand: Demand;
  readonly tasks: readonly Task[];
}

/** The call in an open transaction, on a line of its own. */
function joinAt({ program, input, demand, tasks }: Site, anchor: Anchor): Located {
  const { statement, client, settle } = anchor;
  const place = program.place(statement);
  const { expression: data, isSubjectForeign } = anchor.data;
  const parts = { client, data, isSubjectForeign };
  const shared = sharedWith(program, anchor.path, demand.eventType, tasks);
  if (shared !== null) return byHand(place, shared, parts);
  const emitter = emitterAt(program, input, statement);
  if (emitter.kind === 'refusal') return byHand(place, emitter.reason, parts);
  const style = styleOf(statement);
  const insert = anchor.side === 'before' ? insertBefore : insertAfter;
  const { eventType, subject } = demand;
  const call = emitCall({ ...parts, eventType, subject, events: emitter.name, quote: style.quote });
  const code = settle === null ? [call] : [settle, call];
  // Insertions at one place keep their order before it, and come the other way round after it.
  const edits = code.map((line) => insert(statement, line, style));
  const reason =
    anchor.shape === 'given' ? 'on the transaction that is handed in, after its writes' : 'last in the transaction';
  return { outcome: 'joined', place, reason, parts, edits: [...emitter.splices, ...edits] };
}

/** The call in an open transaction whose work is the write alone. */
function joinWrite({ program, input, demand, tasks }: Site, { write, transaction, path }: UnheldWrite): Located {
  const place = program.place(write.node);
  const shared = sharedWith(program, path, demand.eventType, tasks);
  if (shared !== null) return byHand(place, shared, { client: transaction.client });
  const emitter = emitterAt(program, input, write.node);
  if (emitter.kind === 'refusal') return byHand(place, emitter.reason, { client: transaction.client });
  const block = holdWrite(program, write, transaction.client, demand, emitter.name);
  if (block.kind === 'refusal') {
    return byHand(place, block.reason, { client: transaction.client, data: block.data });
  }
  const edits = [...emitter.splices, ...block.splices];
  return { outcome: 'joined', place, reason: 'last in the transaction', parts: block.parts, edits };
}

/** A transaction around the write of the resource; null where there is none to put it around. */
function wrapIn({ program, input, demand, tasks }: Site, reached: readonly Reached[]): Located | null {
  const [resource = ''] = demand.eventType.split('.');
  const writes = reached.flatMap(({ target, calls, path }) =>
    writesIn(program, target).map((write) => ({ write, calls, path })),
  );
  const [only, second] = writes;
  if (only === undefined) return null;
  const ofResource = writes.filter(({ write }) => isTableOf(write.effect.table, resource));
  const chosen = second === undefined ? only : ofResource.length === 1 ? ofResource[0] : undefined;
  const lines = writes.map(({ write }) => placeText(program, write.node)).join(', ');
  if (chosen === undefined) {
    const reason = `several writes and no transaction, and it is unclear which is the event's: ${lines}`;
    return byHand(program.place((ofResource[0] ?? only).write.node), reason);
  }
  const { write, calls, path } = chosen;
  const place = program.place(write.node);
  const repeated = [...calls, write.node].find(isRepeated);
  if (repeated !== undefined) return byHand(place, 'the write may run several times');
  const shared = sharedWith(program, path, demand.eventType, tasks);
  if (shared !== null) return byHand(place, shared);
  const emitter = emitterAt(program, input, write.node);
  if (emitter.kind === 'refusal') return byHand(place, emitter.reason);
  const block = wrapWrite(program, write, demand, emitter.name);
  if (block.kind === 'refusal') return byHand(place, block.reason, { data: block.data });
  const edits = [...emitter.splices, ...block.splices];
  const reason =
    second === undefined
      ? 'one write, in a transaction of its own'
      : `several writes that are not atomic today: ${lines}; the event would be committed with this one`;
  const outcome = second === undefined ? 'wrapped' : 'not_atomic';
  return { outcome, place, reason, parts: block.parts, edits };
}

/** Why the place of the call is not this event's alone, or null. */
function sharedWith(
  program: Program,
  path: readonly FunctionWithBody[],
  eventType: string,
  tasks: readonly Task[],
): string | null {
  const own = new Set<ts.Node>(
    tasks
      .filter((task) => task.eventType === eventType)
      .flatMap(({ reached }) => reached.map(({ target }) => target)),
  );
  for (const target of path) {
    const references = program.references(target);
    if (references === null) return 'it cannot be seen who else calls the function that writes the row';
    const foreign = references.find((reference) => !isInside(reference, own));
    if (foreign === undefined) continue;
    return `\`${foreign.text}\`, which writes the row, is also used at ${placeText(program, foreign)}`;
  }
  return null;
}

function placeText(program: Program, node: ts.Node): string {
  const { file, line } = program.place(node);
  return `${file}:${line}`;
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
  const imported = source === null || input.isInjected ? null : eventsImport(program, input, source);
  const call = `${emitCall(parts)};`;
  return imported === null || imported.kind === 'taken' ? call : `${imported.code}\n${call}`;
}

function isPlanned(planned: readonly Splice[] | undefined, { position, text, removed }: Splice): boolean {
  return (
    planned?.some(
      (known) => known.position === position && known.text === text && known.removed === removed,
    ) === true
  );
}

/** Whether a splice replaces what another one does. */
function isAcross(planned: readonly Splice[] | undefined, { position, removed = 0 }: Splice): boolean {
  return planned?.some((known) => known.position < position + removed && position < known.position + (known.removed ?? 0)) === true;
}
