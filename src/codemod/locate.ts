import { mutationKey } from '../catalog/merge.ts';
import type { Catalog } from '../catalog/schema.ts';
import { ts } from '../scan/project.ts';
import type { JsonSchema, Mutation } from '../scan/report.ts';
import { emitCall, type EmitParts } from './emit-call.ts';
import { emitterAt } from './emitter.ts';
import type { Demand } from './event-data.ts';
import { findAnchor, type Anchor, type UnheldWrite } from './find-anchor.ts';
import { indentBefore, insertAfter, insertBefore, styleOf, type Splice } from './insert.ts';
import { layoutOf } from './layout.ts';
import { otherBranchWrite } from './other-branch.ts';
import type { Place, Program } from './program.ts';
import { isRepeated, isRun, isUnreachable, reachedFrom, type Reached } from './reach.ts';
import { isTableOf, isExactTableOf } from './sql.ts';
import type { FunctionWithBody } from './syntax.ts';
import { handDown } from './hand-down.ts';
import { handlerOf, type FileSplice, type Task, type WiringInput } from './task.ts';
import { holdWrite, wrapCall, wrapWrite } from './wrap.ts';
import { writesIn, type WriteCall } from './writes.ts';

/**
 * What becomes of a mutation:
 * - `joined`: the call goes into the transaction that is open there.
 * - `wrapped`: a lone write and the call get a transaction around them.
 * - `not_atomic`: the same, though the handler writes more than that one row, each by itself today.
 * - `by_hand`: nothing is touched.
 * - `already`: the call is there.
 */
export type Outcome = 'joined' | 'wrapped' | 'not_atomic' | 'by_hand' | 'already';

/** Where the call of a task goes, or where a person should look and why. */
export interface Located {
  readonly outcome: Outcome;
  readonly place: Place;
  readonly reason: string;
  /** What of the call is known. */
  readonly parts: Partial<EmitParts>;
  /** Of the place's file, but where they say another. */
  readonly edits: readonly (Splice | FileSplice)[];
}

function byHand(place: Place, reason: string, parts: Partial<EmitParts> = {}): Located {
  return { outcome: 'by_hand', place, reason, parts, edits: [] };
}

export function locate(
  program: Program,
  input: WiringInput,
  { eventType, mutation, handler, reached }: Task,
  tasks: readonly Task[],
  subject: string,
  isIndexChecked: boolean,
): Located {
  const { file, line } = mutation.handler ?? mutation;
  if (handler === null) return byHand({ file, line }, 'the handler could not be followed');
  const others = mutationsOf(program, input.mutations, handler).filter(
    (other) => eventOf(input.catalog, mutationKey(other)) !== eventType,
  );
  const inseparable = others.find(({ method, path }) => method === mutation.method || path !== mutation.path);
  if (inseparable !== undefined) {
    return byHand({ file, line }, `the handler also serves ${mutationKey(inseparable)}`);
  }

  const schema = input.schemaOf(eventType);
  const properties = schema?.properties ?? {};
  const isSubjectNullable = isNullable(schema?.properties?.[subject]);
  const required = schema?.required ?? [];
  const demand = { eventType, subject, properties, required, isSubjectNullable, isIndexChecked };
  const site: Site = { program, input, demand, tasks, handler, others };
  const anchor = findAnchor(program, reached, demand);
  if (anchor.kind === 'anchor') return joinAt(site, anchor);
  if (anchor.kind === 'unheld') return joinWrite(site, anchor);
  if (anchor.isOutside === true) {
    const wrapped = wrapIn(site, reached);
    if (wrapped !== null) return wrapped;
  }
  return byHand(program.place(anchor.node), anchor.reason, { client: anchor.client, data: anchor.data });
}

function isNullable(schema: JsonSchema | undefined): boolean {
  const types = schema?.type === undefined ? [] : [schema.type].flat();
  return types.includes('null') || schema?.anyOf?.some((one) => isNullable(one)) === true;
}

interface Site {
  readonly program: Program;
  readonly input: WiringInput;
  readonly demand: Demand;
  readonly tasks: readonly Task[];
  readonly handler: FunctionWithBody;
  /** What else the handler serves, by the method of the request. */
  readonly others: readonly Mutation[];
}

/** The call in an open transaction, on a line of its own. */
function joinAt(site: Site, anchor: Anchor): Located {
  const { program, input, demand } = site;
  const { statement, client, settle } = anchor;
  const place = program.place(statement);
  const { expression: data, isSubjectForeign, guard } = anchor.data;
  const parts = { client, data, isSubjectForeign };
  const shared = sharedWith(site, anchor.path, statement);
  if (shared !== null) return byHand(place, shared, parts);
  const emitter = emitterAt(program, input, statement);
  if (emitter.kind === 'refusal') return byHand(place, emitter.reason, parts);
  const style = styleOf(statement);
  const insert = anchor.side === 'before' ? insertBefore : insertAfter;
  const { eventType, subject } = demand;
  const call = emitCall({ ...parts, eventType, subject, events: emitter.name, quote: style.quote });
  const settled = settle === null ? [] : [insert(statement, settle, style)];
  const emit =
    guard === null
      ? insert(statement, call, style)
      : insert(statement, guarded(statement, guard, call + style.semicolon), { ...style, semicolon: '' });
  // Insertions at one place keep their order before it, and come the other way round after it.
  const edits = [...settled, emit];
  const reason =
    anchor.shape === 'given'
      ? 'on the transaction that is handed in, after its writes'
      : 'last in the transaction';
  return { outcome: 'joined', place, reason, parts, edits: [...emitter.splices, ...edits] };
}

function guarded(statement: ts.Statement, guard: string, emit: string): string {
  const { eol, indent, unit } = layoutOf(statement);
  const isOnOwnLine = indentBefore(statement.getSourceFile().text, statement.getStart()) !== null;
  return isOnOwnLine
    ? `if (${guard}) {${eol}${indent}${unit}${emit}${eol}${indent}}`
    : `if (${guard}) { ${emit} }`;
}

/** The call in an open transaction whose work is the write alone. */
function joinWrite(site: Site, { write, transaction, path }: UnheldWrite): Located {
  const { program, input, demand } = site;
  const place = program.place(write.node);
  const shared = sharedWith(site, path, write.node);
  if (shared !== null) return byHand(place, shared, { client: transaction.client });
  const emitter = emitterAt(program, input, write.node);
  if (emitter.kind === 'refusal') return byHand(place, emitter.reason, { client: transaction.client });
  const block = holdWrite(program, write, transaction.client, demand, emitter.name);
  if (block.kind === 'refusal') {
    return byHand(place, block.reason, { client: transaction.client, data: block.data });
  }
  const edits = [...emitter.splices, ...block.splices];
  const reason = 'last in the transaction, which is for this write';
  return { outcome: 'joined', place, reason, parts: block.parts, edits };
}

/** A transaction around the write of the resource; null where there is none to put it around. */
function wrapIn(site: Site, reached: readonly Reached[]): Located | null {
  const { program, input, demand } = site;
  const [resource = ''] = demand.eventType.split('.');
  const writes = reached.flatMap((at) =>
    writesIn(program, at.target)
      .filter(({ node }) => isRun(at, node))
      .map((write) => ({ write, calls: at.calls, path: at.path })),
  );
  const [only, second] = writes;
  if (only === undefined) return null;
  const named = writes.filter(({ write }) => isTableOf(write.effect.table, resource));
  const exact = named.filter(({ write }) => isExactTableOf(write.effect.table, resource));
  const ofResource = exact.length === 1 ? exact : named;
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
  if (isUnreachable(write.node)) return byHand(place, 'nothing reaches the write');
  const other = otherBranchWrite(program, write.node);
  if (other !== null) {
    const text = other.expression.getText();
    return byHand(place, `\`${text}\` may write too, at ${placeText(program, other)}`);
  }
  const orAtCaller = (located: Located): Located =>
    (second === undefined ? wrapAtCaller(site, write, calls, path) : null) ?? located;
  const shared = sharedWith(site, path, write.node);
  if (shared !== null) return orAtCaller(byHand(place, shared));
  const emitter = emitterAt(program, input, write.node);
  if (emitter.kind === 'refusal') return byHand(place, emitter.reason);
  const block = wrapWrite(program, write, demand, emitter.name, input);
  if (block.kind === 'refusal') return orAtCaller(byHand(place, block.reason, { data: block.data }));
  const edits = [...emitter.splices, ...block.splices];
  const reason =
    second === undefined
      ? 'one write, in a transaction of its own'
      : `several writes that are not atomic today: ${lines}; the event would be committed with this one`;
  const outcome = second === undefined ? 'wrapped' : 'not_atomic';
  return { outcome, place, reason, parts: block.parts, edits };
}

/** A transaction around the call of the function that writes, which is handed down to the write; null where that is not plain. */
function wrapAtCaller(
  site: Site,
  write: WriteCall,
  calls: readonly ts.CallExpression[],
  path: readonly FunctionWithBody[],
): Located | null {
  const { program, input, demand } = site;
  const call = calls.at(-1);
  if (call === undefined || sharedWith(site, path.slice(0, -1), call) !== null) return null;
  const handed = handDown(program, write, call, input.specifierEnding);
  if (handed.kind === 'refusal') return null;
  const emitter = emitterAt(program, input, call);
  if (emitter.kind === 'refusal') return null;
  const block = wrapCall(program, handed, demand, emitter.name);
  if (block.kind === 'refusal') return null;
  const edits = [...emitter.splices, ...block.splices, ...handed.elsewhere];
  const reason = 'one write, in a transaction of its own, which is handed down to it';
  return { outcome: 'wrapped', place: program.place(call), reason, parts: block.parts, edits };
}

/**
 * Why the place of the call is not this event's alone, or null.
 *
 * @param path the functions that lead from the handler to the node
 */
function sharedWith(
  { program, demand, tasks, handler, others }: Site,
  path: readonly FunctionWithBody[],
  node: ts.Node,
): string | null {
  const { eventType } = demand;
  const holder = path.at(-1);
  const sharing = others.find(({ method }) =>
    holder === undefined
      ? isRun({ target: handler, calls: [], method }, node)
      : reachedFrom(program, handler, method).some(({ target }) => target === holder),
  );
  if (sharing !== undefined) return `the handler also serves ${mutationKey(sharing)}`;
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

function mutationsOf(
  program: Program,
  mutations: readonly Mutation[],
  handler: FunctionWithBody,
): Mutation[] {
  const place = program.place(handler);
  return mutations.filter(
    (mutation) => mutation.handler?.file === place.file && handlerOf(program, mutation) === handler,
  );
}

function eventOf(catalog: Catalog, key: string): string | null {
  const entry = catalog.mutations[key];
  return entry !== undefined && 'event' in entry ? entry.event : null;
}
