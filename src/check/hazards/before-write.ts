import type { Reached } from '../../codemod/reach.ts';
import { nodesIn, type FunctionWithBody } from '../../codemod/syntax.ts';
import { ts } from '../../scan/project.ts';
import type { Hazard } from './hazard.ts';
import { RECORDS, runBy, workOf, type Runs } from './runs.ts';
import type { Send } from './sends.ts';
import { nameOfCall, placeText } from './wording.ts';

/** Names of what is done rather than of what has happened, which may well be said before it is. */
const INTENTION = /before|about_?to|request|start|begin|attempt|(?:ing|e_?d_?by)\b|progress|command/i;
/** Names of what has happened. */
const PAST = /[a-z](?:ed|sent|paid|made|done|set|put|built|sold|lost|won)\b/i;
const WRITING_NAME =
  /^(?:create|save|insert|update|upsert|delete|remove|destroy|persist|add|set|store|write|commit|flush|put|patch|replace|increment)/i;

/** Messages of a function that go out although the write after them may fail. */
export function sentBeforeWrites(runs: Runs, { target, calls }: Reached): Hazard[] {
  const nodes = [...runBy(runs.program, target.body)];
  return nodes.flatMap((node): Hazard[] => {
    if (!ts.isCallExpression(node)) return [];
    const reach = runs.sentBy(node);
    if (reach === null || reach.path.length > 0 || !isOfRow(reach.send) || isInWork(runs, target, node))
      return [];
    const hasWritten = [node, ...calls].some((call) => isAfterWrite(runs, call));
    const write = hasWritten ? null : writeAfter(runs, target, node);
    if (write === null) return [];
    const place = placeText(runs.program, write);
    return [
      {
        rule: 'sent_before_write',
        message: `\`${nameOfCall(node)}\` sends ${reach.send.sender.what} before the write at ${place}: if that fails, it was sent all the same`,
        ...runs.program.place(node),
        fix: 'send it after the write, or emit an event in the transaction of the write',
      },
    ];
  });
}

function isOfRow({ sender, call }: Send): boolean {
  if (sender.kind !== 'message' && sender.kind !== 'signal') return false;
  const name = call.arguments[0]?.getText() ?? '';
  // A signal is as often a command, which has to come first.
  return !INTENTION.test(name) && (sender.kind === 'message' || PAST.test(name));
}

/** Inside of a transaction it is another finding. */
function isInWork(runs: Runs, target: FunctionWithBody, call: ts.CallExpression): boolean {
  const work = ts.findAncestor(
    call.parent,
    (node) =>
      node === target ||
      (ts.isFunctionLike(node) &&
        ts.isCallExpression(node.parent) &&
        workOf(runs.program, node.parent) === node),
  );
  return work !== target;
}

/** Whether something before a call, in its function, has written or may have. */
function isAfterWrite(runs: Runs, call: ts.CallExpression): boolean {
  const owner = ts.findAncestor(call.parent, ts.isFunctionLike);
  if (owner === undefined || !('body' in owner) || owner.body === undefined) return true;
  return [...runBy(runs.program, owner.body as ts.Node)].some((node) => {
    if (node.end > call.pos) return false;
    if (ts.isTaggedTemplateExpression(node)) return runs.program.read(node)?.effect.kind === 'write';
    if (!ts.isCallExpression(node)) return false;
    const read = runs.program.read(node);
    if (runs.isWriting(node) || read?.effect.kind === 'begin') return true;
    return read === null && runs.program.callee(node) === null && isNamedWrite(node);
  });
}

function isNamedWrite({ expression }: ts.CallExpression): boolean {
  return ts.isPropertyAccessExpression(expression) && WRITING_NAME.test(expression.name.text);
}

/** The first write that always comes after a call, and needs nothing of what the call gave. */
function writeAfter(runs: Runs, target: FunctionWithBody, call: ts.CallExpression): ts.Node | null {
  const results = resultNames(call);
  for (let node: ts.Node = call; node !== target.body && node.parent !== undefined; node = node.parent) {
    const { parent } = node;
    if (!ts.isBlock(parent)) continue;
    const index = parent.statements.findIndex((statement) => statement === node);
    for (const statement of parent.statements.slice(index + 1)) {
      if (ts.isReturnStatement(statement) || ts.isThrowStatement(statement)) {
        return statement.getChildCount() > 0 ? writeIn(runs, statement, results) : null;
      }
      const write = writeIn(runs, statement, results);
      if (write !== null) return write;
    }
  }
  return null;
}

function writeIn(runs: Runs, statement: ts.Statement, results: readonly string[]): ts.Node | null {
  // In a branch it may be about something else.
  if (
    !ts.isExpressionStatement(statement) &&
    !ts.isVariableStatement(statement) &&
    !ts.isReturnStatement(statement)
  )
    return null;
  const write = [...runBy(runs.program, statement)].find((node) => {
    const read = runs.program.read(node);
    if (read?.effect.kind === 'write') return !RECORDS.test(read.effect.table);
    return ts.isCallExpression(node) && runs.isWriting(node) && !RECORDS.test(node.expression.getText());
  });
  if (write === undefined) return null;
  const isNeeded = [...nodesIn(statement, false)].some(
    (node) => ts.isIdentifier(node) && results.includes(node.text),
  );
  return isNeeded ? null : write;
}

function resultNames(call: ts.CallExpression): string[] {
  const variable = ts.findAncestor(call, ts.isVariableDeclaration);
  if (variable === undefined) return [];
  return [variable.name, ...nodesIn(variable.name, false)].filter(ts.isIdentifier).map(({ text }) => text);
}
