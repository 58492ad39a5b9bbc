import { propertyOf } from '../../codemod/chain.ts';
import type { Program } from '../../codemod/program.ts';
import { ts } from '../../scan/project.ts';
import { originOf } from './origin.ts';
import { senders, type Sender } from './senders.ts';

/** A call by which something leaves the process, or the reach of the database's rollback. */
export interface Send {
  readonly call: ts.CallExpression;
  readonly sender: Sender;
  /** It asks only: nothing is left behind if the database gives up. */
  readonly isQuestion: boolean;
}

const GLOBAL_FETCH: Sender = {
  packages: [],
  methods: /^fetch$/,
  kind: 'request',
  what: 'an HTTP request',
};
const NAMES = /^[a-z]\w*$/i;

/** Null unless it is certain that the call sends. */
export function readSend({ checker }: Program, call: ts.CallExpression): Send | null {
  const { expression } = call;
  if (isGlobalFetch(checker, expression)) {
    return { call, sender: GLOBAL_FETCH, isQuestion: isQuestion('fetch', call) };
  }
  const access = ts.isPropertyAccessExpression(expression) ? expression : null;
  const direct = ts.isIdentifier(expression) ? expression : null;
  const written = access?.name.text ?? direct?.text;
  // Of no method that sends: spares following where the value comes from.
  if (written === undefined || !NAMES.test(written)) return null;
  if (access !== null && !senders.some(({ methods }) => methods.test(written))) return null;
  const origin = originOf(checker, access?.expression ?? expression);
  if (origin === null) return null;
  // `request` of `import { request } from 'undici'`, whatever it is called here.
  const method = access === null ? origin.name : written;
  const sender = senders.find(
    ({ packages, methods }) => packages.includes(origin.package) && methods.test(method),
  );
  if (sender === undefined || !isCommanded(checker, sender, call)) return null;
  if (sender.isObservable === true && !isAsked(call)) return null;
  return { call, sender, isQuestion: sender.kind === 'request' && isQuestion(method, call) };
}

function isGlobalFetch(checker: ts.TypeChecker, expression: ts.Expression): boolean {
  const isMember =
    ts.isPropertyAccessExpression(expression) && expression.expression.getText() === 'globalThis';
  const name = isMember ? expression.name : expression;
  if (!ts.isIdentifier(name) || name.text !== 'fetch') return false;
  const declarations = checker.getSymbolAtLocation(name)?.declarations ?? [];
  return declarations.every((declaration) => declaration.getSourceFile().isDeclarationFile);
}

/** GET and HEAD, and what retrieves. */
function isQuestion(method: string, call: ts.CallExpression): boolean {
  if (/^(?:get|head|retrieve)$/.test(method)) return true;
  if (!/^(?:default|fetch|request|stream)$/.test(method)) return false;
  const given = call.arguments.flatMap((argument) => propertyOf(argument, 'method') ?? []);
  const [verb] = given;
  const isOpen = call.arguments.slice(1).some((argument) => !ts.isObjectLiteralExpression(argument));
  return verb === undefined ? !isOpen : /^['"`](?:get|head)['"`]$/i.test(verb.getText());
}

/** `client.send(new SendMessageCommand(…))`, also by way of a constant. */
function isCommanded(checker: ts.TypeChecker, { command }: Sender, call: ts.CallExpression): boolean {
  if (command === undefined) return true;
  const [given] = call.arguments;
  if (given === undefined) return false;
  const declaration = ts.isIdentifier(given)
    ? checker.getSymbolAtLocation(given)?.valueDeclaration
    : undefined;
  const value =
    declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration.initializer : given;
  return value !== undefined && ts.isNewExpression(value) && command.test(value.expression.getText());
}

/** `firstValueFrom(this.http.post(…))`, `this.http.post(…).toPromise()` */
function isAsked(call: ts.CallExpression): boolean {
  const asking = ts.findAncestor(
    call.parent,
    (node): node is ts.CallExpression =>
      ts.isCallExpression(node) &&
      /(?:^|\.)(?:firstValueFrom|lastValueFrom|toPromise|subscribe)$/.test(node.expression.getText()),
  );
  return (
    asking !== undefined && ts.findAncestor(call, ts.isStatement) === ts.findAncestor(asking, ts.isStatement)
  );
}
