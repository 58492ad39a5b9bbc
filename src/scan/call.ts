import { callFunction, instantiate } from './functions.ts';
import { callGlobal } from './globals.ts';
import { holdsRouter } from './dynamic.ts';
import { reportUnresolved, siteOfCall, withFewSteps, type Run } from './run.ts';
import { ts } from './project.ts';
import {
  external,
  object,
  UNDEFINED,
  union,
  unknown,
  type ExternalValue,
  type FunctionValue,
  type ObjectValue,
  type Value,
} from './values.ts';
import { registrationCall } from './registration-call.ts';
import { routingOf } from './routing.ts';

/** What a call returns. Functions of the project are followed; callbacks given to anything else are, too. */
export function callValue(run: Run, target: Value, args: readonly Value[], node: ts.Node): Value {
  const intercepted = intercept(run, target, args, node);
  if (intercepted !== undefined) return intercepted;
  switch (target.kind) {
    case 'function':
      return callFunction(run, target, args, node);
    case 'native':
      return target.call(args, siteOfCall(run, registrationCall(run, node)));
    case 'union':
      return union(target.options.map((option) => callValue(run, option, args, node)));
    case 'external':
      return callExternal(run, target, args, node);
    case 'object': {
      const main = target.properties.get('default');
      return main === undefined ? unknown(node.getText()) : callValue(run, main, args, node);
    }
    case 'router':
      return UNDEFINED;
    default:
      // What code that nobody knows does with a router is lost to the scan.
      if (args.some(holdsRouter) && mayRegister(node)) {
        reportUnresolved(run, node, `dynamic_call: ${calleeWords(node)}`);
      }
      followCallbacks(run, args);
      return unknown(node.getText());
  }
}

/** A function that is called by itself, or a method that says so: an application is handed to all sorts of objects. */
function mayRegister(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return true;
  return /rout|mount|endpoint|controller|plugin/i.test(node.expression.name.text);
}

function calleeWords(node: ts.Node): string {
  const callee = ts.isCallExpression(node) || ts.isNewExpression(node) ? node.expression : node;
  return unknown(callee.getText().replaceAll(/\s+/g, ' ')).text;
}

function intercept(run: Run, target: Value, args: readonly Value[], node: ts.Node): Value | undefined {
  if (target.kind !== 'function' && target.kind !== 'external') return undefined;
  for (const framework of run.frameworks) {
    const answer = framework.intercept?.(target, args, node, routingOf(run));
    if (answer !== undefined) return answer;
  }
  return undefined;
}

export function construct(run: Run, target: Value, args: readonly Value[], node: ts.Node): Value {
  switch (target.kind) {
    case 'class':
      return instantiate(run, target, args, node);
    case 'function': {
      const made: ObjectValue = { ...object(), isOpen: true, madeBy: target.node };
      const prototype = target.properties.get('prototype');
      if (prototype?.kind === 'object') {
        for (const [name, value] of prototype.properties) made.properties.set(name, value);
      }
      const returned = callFunction(run, { ...target, self: made }, args, node);
      return returned.kind === 'router' || returned.kind === 'object' ? returned : made;
    }
    case 'union':
      return union(target.options.map((option) => construct(run, option, args, node)));
    default:
      return callValue(run, target, args, node);
  }
}

function callExternal(run: Run, target: ExternalValue, args: readonly Value[], node: ts.Node): Value {
  const known = callGlobal(run, target, args, node);
  if (known !== undefined) return known;
  for (const framework of run.frameworks) {
    if (!framework.packages.includes(target.from)) continue;
    const made = framework.create?.(target, args, siteOfCall(run, node), routingOf(run));
    if (made !== undefined) return made;
  }
  if (!setsNothingUp(target)) followCallbacks(run, args);
  return external(target.from, [...target.steps, args]);
}

/**
 * Packages whose callbacks set nothing up: they wait for signals, check or describe data, answer procedures and
 * queries, or do jobs.
 */
const WITHOUT_SETUP =
  /^(?:process|(?:zod|valibot|arktype|drizzle-orm|@trpc\/server|graphql|bullmq)(?:\/.*)?|yup|joi|@hapi\/joi|superstruct|@sinclair\/typebox|@pothos\/core|bull|inngest|node-cron|cron)$/;
/** What happens once something is done may be anything. */
const AFTERWARDS = /^(?:then|finally)$/;

function setsNothingUp({ from, steps }: ExternalValue): boolean {
  const method = steps.at(-1);
  return WITHOUT_SETUP.test(from) && !(typeof method === 'string' && AFTERWARDS.test(method));
}

/** Names of the first parameter of a request handler in the usual frameworks. */
const REQUEST_PARAMETER = /^_?(?:req|request|ctx|context|c|err|error)$/;

/** Words of code that sets an application up; jobs and listeners do other work, and much of it. */
const MAY_LEAD_TO_ROUTING =
  /\b(?:\w*[aA]pp|[aA]pplication|\w*[rR]oute\w*|\w*[sS]erver|\w*[pP]lugins?|express|fastify|listen|bootstrap|main|start)\b/;
const MAX_CALLBACK_STEPS = 500;

/** `connect().then(() => app.use(…))`: what is handed to code we cannot see may be called by it. */
function followCallbacks(run: Run, args: readonly Value[]): void {
  if (run.isReadingExports) return;
  for (const arg of args) {
    if (arg.kind !== 'function' || run.followed.has(arg.node) || isRequestHandler(arg)) continue;
    const follow = (): void => {
      callFunction(
        run,
        arg,
        arg.node.parameters.map((parameter) => unknown(parameter.name.getText())),
      );
    };
    if (MAY_LEAD_TO_ROUTING.test(arg.node.getText())) follow();
    else withFewSteps(run, MAX_CALLBACK_STEPS, follow);
  }
}

function isRequestHandler(value: FunctionValue): boolean {
  const [first] = value.node.parameters;
  return first !== undefined && ts.isIdentifier(first.name) && REQUEST_PARAMETER.test(first.name.text);
}
