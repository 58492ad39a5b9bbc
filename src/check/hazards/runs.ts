import { withoutAssertions } from '../../codemod/chain.ts';
import type { Program } from '../../codemod/program.ts';
import { isFunctionWithBody, type FunctionWithBody } from '../../codemod/syntax.ts';
import { runnerOf } from '../../codemod/transaction.ts';
import { ts } from '../../scan/project.ts';
import { readSend, type Send } from './sends.ts';

/** Methods that run what they are given, at once and where they stand. */
const ITERATIONS = new Set(['map', 'forEach', 'flatMap', 'reduce', 'filter', 'every', 'some']);
/** Tables that keep what has happened: what is missing there breaks nothing. */
export const RECORDS = /log|audit|histor|activit|trace|metric|attempt|usage/i;
const MAX_DEPTH = 3;

/**
 * What code does when it is run: every node below, without functions that only something else may call later, and
 * without what is done about failures.
 */
export function* runBy(program: Program, root: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(root, (child) => {
    children.push(child);
  });
  for (const child of children) {
    if (ts.isCatchClause(child)) continue;
    yield child;
    if (!ts.isFunctionLike(child) || isRunHere(program, child)) yield* runBy(program, child);
  }
}

function isRunHere(program: Program, node: ts.Node): boolean {
  let { parent } = node;
  while (ts.isParenthesizedExpression(parent)) parent = parent.parent;
  if (!ts.isCallExpression(parent)) return false;
  if (withoutAssertions(parent.expression) === node) return true;
  if (!ts.isExpression(node) || !parent.arguments.includes(node)) return false;
  const { expression } = parent;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
  return ITERATIONS.has(name) || workOf(program, parent) === node;
}

/** The function that a call runs in a transaction, where it is written at the call. */
export function workOf(program: Program, call: ts.CallExpression): FunctionWithBody | null {
  const functions = call.arguments.filter((argument) => isFunctionWithBody(argument));
  if (functions.length === 0 || isPlain(call)) return null;
  const opened = program.opened(call);
  if (opened?.kind === 'callback') {
    const work = withoutAssertions(opened.callback);
    return isFunctionWithBody(work) ? work : null;
  }
  if (opened !== null) return null;
  const runner = runnerOf(program, call);
  const work = runner === null ? undefined : call.arguments[runner.callbackIndex];
  return work !== undefined && isFunctionWithBody(work) ? work : null;
}

/** Of a method that runs no transaction in any library: spares looking for what it calls. */
function isPlain({ expression }: ts.CallExpression): boolean {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  return (
    ITERATIONS.has(name) ||
    /^(?:then|catch|finally|on|once|use|get|post|put|patch|delete|find|findIndex|sort|describe|it|test|setTimeout|setImmediate|use[A-Z]\w*)$/.test(
      name,
    )
  );
}

/** Something that a call sends, itself or by the functions of the project that it runs. */
export interface Reach {
  readonly send: Send;
  /** What runs it, the outermost first; empty where the call is the sending one. */
  readonly path: readonly FunctionWithBody[];
}

/** Remembers what functions do, since many calls lead to few. */
export interface Runs {
  readonly program: Program;
  /** The first thing that a call sends in any case or in one of its branches. */
  sentBy(call: ts.CallExpression): Reach | null;
  /** Whether a call writes to the database, or may. */
  isWriting(call: ts.CallExpression): boolean;
}

export function createRuns(program: Program): Runs {
  const sent = new Map<FunctionWithBody, Reach | null>();
  const writing = new Map<FunctionWithBody, boolean>();

  const sentIn = (target: FunctionWithBody, depth: number): Reach | null => {
    const known = sent.get(target);
    if (known !== undefined || depth > MAX_DEPTH) return known ?? null;
    sent.set(target, null);
    for (const node of runBy(program, target)) {
      const reach = ts.isCallExpression(node) ? sentAt(node, depth) : null;
      if (reach === null) continue;
      const found = { send: reach.send, path: [target, ...reach.path] };
      sent.set(target, found);
      return found;
    }
    return null;
  };
  const sentAt = (call: ts.CallExpression, depth: number): Reach | null => {
    const send = readSend(program, call);
    if (send !== null) return { send, path: [] };
    const callee = program.callee(call);
    return callee === null ? null : sentIn(callee, depth + 1);
  };
  const writesIn = (target: FunctionWithBody, depth: number): boolean => {
    const known = writing.get(target);
    if (known !== undefined || depth > MAX_DEPTH) return known ?? false;
    writing.set(target, false);
    const isIt = [...runBy(program, target)].some((node) => isWriteAt(node, depth));
    writing.set(target, isIt);
    return isIt;
  };
  const isWriteAt = (node: ts.Node, depth: number): boolean => {
    if (program.read(node)?.effect.kind === 'write') return true;
    if (!ts.isCallExpression(node)) return false;
    const callee = program.callee(node);
    return callee !== null && writesIn(callee, depth + 1);
  };
  return {
    program,
    sentBy: (call) => sentAt(call, 0),
    isWriting: (call) => isWriteAt(call, 0),
  };
}
