import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../generate/change.ts';
import type { Project } from '../scan/project.ts';
import { emitCall, type EmitParts } from './emit-call.ts';
import { eventsImport } from './events-import.ts';
import { findEmit } from './find-emit.ts';
import { applySplices, type Splice } from './insert.ts';
import { locate, type Located, type Outcome } from './locate.ts';
import { resourceName } from './names.ts';
import { ormsOf } from './orms/index.ts';
import { isIndexChecked, openProgram, type Program } from './program.ts';
import { readTasks, type FileSplice, type Task, type WiringInput } from './task.ts';
import { findOrphans, type Orphan } from './unwire.ts';

export type { FileSplice, WiringInput } from './task.ts';

/** What is to be done about one mutation of the catalog that has an event. */
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

export interface WiringPlan {
  readonly wirings: readonly Wiring[];
  /** Calls of events that are gone from the catalog; taken away only if asked for. */
  readonly orphans: readonly Orphan[];
  /** One update a file, of owner D: the edits of what is joined and wrapped, and of the rest if asked for. */
  readonly changes: readonly Change[];
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
  const orphans = findOrphans(program, input, input.catalog);
  for (const { file, splices: removals } of input.isUnwiring ? orphans : []) {
    const edits = removals.map((splice) => ({ file, ...splice }));
    splices.set(file, [...(splices.get(file) ?? []), ...edits]);
  }
  return { wirings, orphans, changes: changesOf(project, splices) };
}

/** The project's sources as wiring looks at them. */
export function programOf({
  project,
  output,
  store,
  tracing,
}: Pick<WiringInput, 'project' | 'output' | 'store' | 'tracing'>): Program {
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
  const { subject, located } = locateWithSubject(program, input, task, tasks, isIndexChecked);
  const { outcome, place, reason, parts, edits } = located;
  const code = snippet(program, input, place.file, { eventType, subject, ...parts });
  const base = { mutation, eventType, file: place.file, line: place.line, snippet: code };
  const refusal = edits.length === 0 ? undefined : (input.foreign ?? input.refused?.get(mutation));
  if (refusal !== undefined) return { ...base, outcome: 'by_hand', reason: refusal, edits: [] };
  return {
    ...base,
    outcome,
    reason,
    edits: edits.map((edit) => ({ file: place.file, ...edit })),
  };
}

/** Where the catalog names no subject, it is `id`, or what else the key of a row is called: `order_id`. */
function locateWithSubject(
  program: Program,
  input: WiringInput,
  task: Task,
  tasks: readonly Task[],
  isIndexChecked: boolean,
): { readonly subject: string; readonly located: Located } {
  const locateBy = (subject: string): { subject: string; located: Located } => ({
    subject,
    located: locate(program, input, task, tasks, subject, isIndexChecked),
  });
  const { eventType } = task;
  const first = locateBy(input.catalog.eventTypes[eventType]?.subject ?? 'id');
  const { outcome, reason } = first.located;
  const isNamed = input.catalog.eventTypes[eventType]?.subject !== undefined;
  // Nothing else that leaves it to a person is a matter of the key's name.
  const isOfKey = /the subject|may not be the event's data/.test(reason);
  if (isNamed || outcome !== 'by_hand' || !isOfKey) return first;
  const [resource = ''] = eventType.split('.');
  for (const subject of [`${resource}_id`, `${resourceName(eventType)}Id`]) {
    const found = locateBy(subject);
    if (found.located.outcome !== 'by_hand') return found;
  }
  return first;
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
  return (
    planned?.some(
      (known) => known.position < position + removed && position < known.position + (known.removed ?? 0),
    ) === true
  );
}
