import { isFunctionWithBody, nodesIn, type FunctionWithBody } from '../../codemod/syntax.ts';
import { ts } from '../../scan/project.ts';
import type { Hazard } from './hazard.ts';
import { RECORDS, runBy, type Runs } from './runs.ts';
import { readSend } from './sends.ts';
import { nameOfCall } from './wording.ts';

/** Their queries run when they are asked for a result, and never else. */
const LAZY = new Set(['prisma', 'knex', 'objection', 'drizzle', 'postgres-js']);

/** Promises of a function that write or send, and that nothing waits for. */
export function notAwaited(runs: Runs, target: FunctionWithBody): Hazard[] {
  return [...runBy(runs.program, target.body)].flatMap((node): Hazard[] => {
    if (!ts.isExpressionStatement(node)) return [];
    // `void` says that nothing is to wait; what never runs is wrong all the same.
    const isVoid = ts.isVoidExpression(node.expression);
    const expression = isVoid ? node.expression.expression : node.expression;
    const isTemplate = ts.isTaggedTemplateExpression(expression);
    if (!isTemplate && !ts.isCallExpression(expression)) return [];
    const says = ts.isCallExpression(expression) ? loopOf(runs, expression) : null;
    const found = says ?? directOf(runs, expression);
    if (found === null || (isVoid && found.isLost !== true)) return [];
    const sent = isAfterResponse(runs, target, node) ? ', after the response was sent' : '';
    return [
      {
        rule: 'not_awaited',
        message: `${found.message}${sent}${found.isLost ? '' : ': its failure reaches nobody, and a stop of the process loses it'}`,
        ...runs.program.place(node),
        fix: found.fix,
      },
    ];
  });
}

interface Said {
  readonly message: string;
  readonly fix: string;
  /** The message says already what becomes of it. */
  readonly isLost?: boolean;
}

/** `orders.forEach(async (order) => { await … })` */
function loopOf(runs: Runs, call: ts.CallExpression): Said | null {
  const { expression } = call;
  const [work] = call.arguments;
  if (!ts.isPropertyAccessExpression(expression) || !/^(?:forEach|map)$/.test(expression.name.text))
    return null;
  if (work === undefined || !isFunctionWithBody(work) || !isAsync(work)) return null;
  const act = actIn(runs, work);
  if (act === null) return null;
  return {
    message: `\`${expression.name.text}\` does not wait for the function that ${act}`,
    fix: 'use "for (const … of …)" with await, or "await Promise.all(….map(…))"',
  };
}

function directOf(runs: Runs, node: ts.CallExpression | ts.TaggedTemplateExpression): Said | null {
  const read = runs.program.read(node);
  if (read?.effect.kind === 'write') {
    if (RECORDS.test(read.effect.table) && !LAZY.has(read.orm.id)) return null;
    const isOwn = ts.isCallExpression(node) && runs.program.callee(node) !== null;
    if (isOwn || !isPromise(runs, node) || hasCallback(node)) return null;
    const name = ts.isCallExpression(node) ? `\`${nameOfCall(node)}\`` : 'the query';
    if (LAZY.has(read.orm.id)) {
      return {
        message: `${name} is never run: ${read.orm.id} runs a query when it is awaited`,
        fix: 'await it',
        isLost: true,
      };
    }
    return { message: `nothing waits for ${name}, which writes`, fix: 'await it' };
  }
  if (!ts.isCallExpression(node) || hasCallback(node)) return null;
  const send = readSend(runs.program, node);
  if (send !== null) {
    if (send.sender.isSynchronous === true || send.sender.kind === 'request') return null;
    return {
      message: `nothing waits for \`${nameOfCall(node)}\`, which sends ${send.sender.what}`,
      fix: 'await it, or emit an event in the transaction, and send from what reads the events',
    };
  }
  const callee = runs.program.callee(node);
  if (callee === null || !isAsync(callee) || isHandedResponse(node)) return null;
  const act = actIn(runs, callee);
  return act === null
    ? null
    : { message: `nothing waits for \`${nameOfCall(node)}\`, which ${act}`, fix: 'await it' };
}

const MAX_DEPTH = 3;

/** What a function does that should not get lost, and whose failure it does not see to itself. */
function actIn(runs: Runs, target: FunctionWithBody, depth = 0): string | null {
  for (const node of runBy(runs.program, target.body)) {
    const isCall = ts.isCallExpression(node);
    if ((!isCall && !ts.isTaggedTemplateExpression(node)) || isHandled(node, target)) continue;
    const effect = runs.program.read(node)?.effect;
    if (effect?.kind === 'write' && !RECORDS.test(effect.table)) return 'writes';
    if (!isCall) continue;
    const sender = readSend(runs.program, node)?.sender;
    const isLasting = sender !== undefined && sender.kind !== 'request' && sender.isSynchronous !== true;
    if (isLasting) return `sends ${sender.what}`;
    const isWaitedFor = ts.isAwaitExpression(node.parent) || ts.isReturnStatement(node.parent);
    const callee = isWaitedFor && depth < MAX_DEPTH ? runs.program.callee(node) : null;
    const act = callee === null || callee === target ? null : actIn(runs, callee, depth + 1);
    if (act !== null) return act;
  }
  return null;
}

/** In a `try` whose `catch` lets nothing through, or with a `.catch()` of its own. */
function isHandled(node: ts.Node, owner: ts.Node): boolean {
  for (let inner = node; inner !== owner && inner.parent !== undefined; inner = inner.parent) {
    const { parent } = inner;
    if (ts.isPropertyAccessExpression(parent) && parent.name.text === 'catch') return true;
    if (!ts.isTryStatement(parent) || parent.tryBlock !== inner || parent.catchClause === undefined) continue;
    if (![...nodesIn(parent.catchClause, true)].some(ts.isThrowStatement)) return true;
  }
  return false;
}

function isAsync(target: FunctionWithBody): boolean {
  return (
    ts.canHaveModifiers(target) &&
    ts.getModifiers(target)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true
  );
}

/** Unknown types are those of packages that are not installed. */
function isPromise({ program: { checker } }: Runs, node: ts.Expression): boolean {
  const type = checker.getTypeAtLocation(node);
  return (type.flags & ts.TypeFlags.Any) !== 0 || checker.getPropertyOfType(type, 'then') !== undefined;
}

/** What answers the request by itself is the handler by another name. */
function isHandedResponse(node: ts.CallExpression): boolean {
  return node.arguments.some((argument) => /^(?:res|response|reply|ctx|next)$/.test(argument.getText()));
}

function hasCallback(node: ts.CallExpression | ts.TaggedTemplateExpression): boolean {
  if (!ts.isCallExpression(node)) return false;
  const last = node.arguments.at(-1);
  return (
    last !== undefined && (ts.isFunctionLike(last) || /^(?:cb|callback|done|next)$/.test(last.getText()))
  );
}

/** `res.json(order);` before it, in the same function. */
function isAfterResponse(runs: Runs, target: FunctionWithBody, statement: ts.Statement): boolean {
  for (const node of runBy(runs.program, target.body)) {
    if (node.pos >= statement.pos) return false;
    if (!ts.isExpressionStatement(node) || node.parent !== statement.parent) continue;
    const call = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
    const isAnswer =
      ts.isCallExpression(call) &&
      /^(?:res|response|reply)\b.*\.(?:json|send|end|redirect|render|sendStatus)$/s.test(
        call.expression.getText(),
      );
    if (isAnswer) return true;
  }
  return false;
}
