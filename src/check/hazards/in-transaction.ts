import { ambientHandle } from '../../codemod/ambient.ts';
import {
  enclosingFunction,
  isFunctionWithBody,
  nameOf,
  nodesIn,
  type FunctionWithBody,
} from '../../codemod/syntax.ts';
import { ts } from '../../scan/project.ts';
import type { Hazard } from './hazard.ts';
import { runBy, workOf, type Reach, type Runs } from './runs.ts';
import { nameOfCall, placeText } from './wording.ts';

/** Code that runs between the begin of a transaction and its commit. */
interface Stretch {
  /** What begins it. */
  readonly mark: ts.Node;
  readonly nodes: Iterable<ts.Node>;
  /** What it writes through, if that has a name. */
  readonly handle: string | null;
  /** Listeners in the same process take part in it. */
  readonly isAmbient: boolean;
}

const OPENING = /\bbegin\b|transaction/i;
/** Methods that open a transaction around a function, in any of the libraries that are known. */
const LIBRARY_OPENERS = ['$transaction', 'transaction', 'transactional', 'begin', 'execute', 'savepoint'];

/**
 * Names of what opens transactions: looking at each call of a project for what it runs would take minutes. They are those
 * of the libraries, and of functions in files that name a transaction and call what they are given.
 */
export function openersIn(sources: readonly ts.SourceFile[]): ReadonlySet<string> {
  const own = sources
    .filter(({ text }) => OPENING.test(text))
    .flatMap((source) => [...nodesIn(source, false)])
    .filter((node) => isFunctionWithBody(node))
    .filter((target) => callsParameter(target))
    .flatMap((target) => nameOf(target)?.text ?? []);
  return new Set([...LIBRARY_OPENERS, ...own]);
}

/** Or hands it on. */
function callsParameter({ parameters, body }: FunctionWithBody): boolean {
  const names = parameters.map(({ name }) => name.getText());
  return (
    names.length > 0 &&
    [...nodesIn(body, false)].some(
      (node) =>
        ts.isCallExpression(node) &&
        [node.expression, ...node.arguments].some(
          (part) => ts.isIdentifier(part) && names.includes(part.text),
        ),
    )
  );
}

function methodOf({ expression }: ts.CallExpression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** What is sent inside the transactions of a file. */
export function sentInTransactions(
  runs: Runs,
  source: ts.SourceFile,
  openers: ReadonlySet<string>,
): Hazard[] {
  const isOpening = OPENING.test(source.text);
  const stretches = [...nodesIn(source, false)].flatMap((node) => [
    ...(ts.isCallExpression(node) && openers.has(methodOf(node)) ? callbackOf(runs, node) : []),
    ...(isOpening && isFunctionWithBody(node) ? [...statementsOf(runs, node), ...decorated(runs, node)] : []),
  ]);
  const found = new Map<ts.Node, Hazard>();
  for (const stretch of stretches) {
    for (const node of stretch.nodes) {
      if (!ts.isCallExpression(node) || found.has(node)) continue;
      const reach = sentIn(runs, stretch, node);
      if (reach !== null) found.set(node, hazard(runs, stretch, node, reach));
    }
  }
  return [...found.values()];
}

function callbackOf(runs: Runs, call: ts.CallExpression): Stretch[] {
  const work = workOf(runs.program, call);
  if (work === null) return [];
  const opened = runs.program.opened(call);
  const index = opened?.kind === 'callback' ? opened.handleIndex : 0;
  const handle = work.parameters[index]?.name.getText() ?? null;
  return [{ mark: call, nodes: runBy(runs.program, work.body), handle, isAmbient: handle === null }];
}

function decorated({ program }: Runs, owner: FunctionWithBody): Stretch[] {
  const handle = ambientHandle(program, owner);
  return handle === null
    ? []
    : [{ mark: owner, nodes: runBy(program, owner.body), handle: null, isAmbient: true }];
}

/** `BEGIN` … `COMMIT`, as statements of one function. */
function statementsOf({ program }: Runs, owner: FunctionWithBody): Stretch[] {
  const begins: { handle: string; mark: ts.Node }[] = [];
  const ends: { handle: string; mark: ts.Node }[] = [];
  for (const mark of nodesIn(owner.body, true)) {
    const read = program.read(mark);
    if (read?.handle == null || read.doubt !== undefined) continue;
    const { handle, effect } = read;
    if (effect.kind === 'begin') begins.push({ handle, mark });
    if (effect.kind === 'commit' || effect.kind === 'rollback') ends.push({ handle, mark });
  }
  return begins.flatMap(({ handle, mark }) => {
    const over = ends.filter((end) => end.handle === handle && end.mark.pos > mark.pos);
    const last = over.findLast((end) => ts.findAncestor(end.mark, ts.isCatchClause) === undefined);
    // Elsewhere it may not have begun.
    const branch = ts.findAncestor(mark, (node) => ts.isBlock(node) || ts.isIfStatement(node));
    if (last === undefined || branch === undefined) return [];
    const isInside = (node: ts.Node): boolean =>
      node.pos >= mark.end &&
      node.end <= Math.min(last.mark.pos, branch.end) &&
      !over.some((end) => isBehind(node, end.mark));
    const nodes = [...runBy(program, owner.body)].filter(isInside);
    return [{ mark, nodes, handle, isAmbient: false }];
  });
}

/** Whether a node only runs once the transaction is over: it comes after its end, in the block of that. */
function isBehind(node: ts.Node, end: ts.Node): boolean {
  const block = ts.findAncestor(end, ts.isBlock);
  return node.pos >= end.end && block !== undefined && node.end <= block.end;
}

function sentIn(runs: Runs, { handle, isAmbient }: Stretch, call: ts.CallExpression): Reach | null {
  const reach = runs.sentBy(call);
  if (reach === null || isBeforeThrow(call)) return null;
  const { sender } = reach.send;
  // Listeners may work on the transaction, which they were handed or find by themselves.
  const isShared = [call, reach.send.call].some((one) => isGiven(one, handle));
  if (sender.kind === 'signal' && (isAmbient || isShared)) return null;
  return reach;
}

function isGiven(call: ts.CallExpression, handle: string | null): boolean {
  if (handle === null) return false;
  return call.arguments.some((argument) =>
    [argument, ...nodesIn(argument, false)].some((node) => ts.isIdentifier(node) && node.text === handle),
  );
}

/** What is told of a failure is told although nothing is committed. */
function isBeforeThrow(call: ts.CallExpression): boolean {
  const statement = ts.findAncestor(call, ts.isStatement);
  const block = statement?.parent;
  return (
    block !== undefined &&
    ts.isBlock(block) &&
    block.statements.some((other) => other.pos >= call.end && ts.isThrowStatement(other)) &&
    enclosingFunction(block) !== block.parent
  );
}

function hazard(runs: Runs, { mark }: Stretch, call: ts.CallExpression, reach: Reach): Hazard {
  const { send } = reach;
  const begin = placeText(runs.program, mark);
  const through = reach.path.length === 0 ? '' : ` (at ${placeText(runs.program, send.call)})`;
  const subject = `\`${nameOfCall(call)}\` sends ${send.sender.what}${through}`;
  const base = { rule: 'sent_in_transaction', ...runs.program.place(call) } as const;
  if (send.isQuestion) {
    return {
      ...base,
      message: `${subject} and waits for the answer inside the transaction of ${begin}, whose locks are held meanwhile`,
      fix: 'ask before the transaction begins',
    };
  }
  return {
    ...base,
    message: `${subject} inside the transaction of ${begin}: if that does not commit, it was sent all the same`,
    fix: 'send it after the commit, or emit an event in the transaction, and send from what reads the events',
  };
}
