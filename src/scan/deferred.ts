import { bind } from './assign.ts';
import { evaluate } from './evaluate.ts';
import { defineClass } from './functions.ts';
import { ts } from './project.ts';
import { countSteps, withAllSteps, type Module, type Run } from './run.ts';
import { lookup, unknown, type Value } from './values.ts';

/**
 * Leaves the constants and classes of a module that shows no sign of routing until someone asks for them: most lead
 * on to files that have nothing to do with routes. Gives the statements that remain to be followed.
 */
export function deferConstants(run: Run, module: Module): ts.Statement[] {
  const remaining: ts.Statement[] = [];
  for (const statement of module.source.statements) {
    if (ts.isClassDeclaration(statement) && statement.name !== undefined) {
      const { name } = statement;
      defer(run, module, [name.text], () => {
        module.scope.names.set(name.text, defineClass(run, statement, module.scope));
      });
    } else if (ts.isVariableStatement(statement) && isConstant(statement)) {
      for (const declaration of statement.declarationList.declarations) deferOne(run, module, declaration);
    } else {
      remaining.push(statement);
    }
  }
  return remaining;
}

function isConstant({ declarationList }: ts.VariableStatement): boolean {
  return (declarationList.flags & ts.NodeFlags.Const) !== 0;
}

function deferOne(run: Run, module: Module, { name, initializer }: ts.VariableDeclaration): void {
  if (initializer === undefined) return;
  const follow = (): void => bind(run, name, evaluate(run, initializer, module.scope), module.scope);
  if (leadsNowhere(initializer)) follow();
  else defer(run, module, namesIn(name), follow);
}

/** Functions and literals are what they are: nothing else is read for them. */
function leadsNowhere(node: ts.Expression): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isLiteralExpression(node);
}

function defer(run: Run, module: Module, names: readonly string[], follow: () => void): void {
  const { scope } = module;
  let isFollowed = false;
  const settle = (): void => {
    if (isFollowed) return;
    isFollowed = true;
    // Until it is known, it is unknown to itself too.
    for (const name of names) scope.names.set(name, unknown(name));
    readLater(run, follow);
  };
  for (const name of names) {
    scope.names.set(name, (): Value => {
      settle();
      return lookup(scope, name) ?? unknown(name);
    });
  }
  module.deferred.push(settle);
}

/** Reads what was left until someone asked: which branch led to the question says nothing about it. */
export function readLater<T>(run: Run, read: () => T): T {
  const { undecided } = run;
  run.undecided = 0;
  const { result } = withAllSteps(run, () => countSteps(run, read));
  run.undecided = undecided;
  return result;
}

/** Follows what was left of a module. */
export function settle(module: Module): void {
  for (const follow of module.deferred.splice(0)) follow();
  module.exports.get('default')?.();
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesIn(element.name)));
}
