import { assign, bind } from './assign.ts';
import { evaluate, propertyName } from './evaluate.ts';
import { isOnlyWithEnvironment } from './environment.ts';
import { isSwitchedOff } from './feature-switches.ts';
import { defineClass, functionValue } from './functions.ts';
import { iterated } from './iterables.ts';
import { ts } from './project.ts';
import { looksRegistering } from './dynamic.ts';
import { MAX_LOOP_TURNS, reportOpenLoop, reportUnresolved, type Run } from './run.ts';
import { returnsText, withoutEnvironment } from './unset-environment.ts';
import { childScope, literal, object, truth, UNDEFINED, unknown, type Scope, type Value } from './values.ts';

/** How a statement ended. An abrupt end in a branch that may not run does not end its surroundings. */
type Completion = 'normal' | 'return' | 'break' | 'continue';

/** Follows a function's body or a module; returns what it may return. */
export function executeBlock(
  run: Run,
  block: { readonly statements: readonly ts.Statement[] },
  scope: Scope,
): Value[] {
  const returns: Value[] = [];
  executeAll(run, block.statements, scope, returns);
  return returns;
}

function executeAll(
  run: Run,
  statements: readonly ts.Statement[],
  scope: Scope,
  returns: Value[],
): Completion {
  for (const statement of statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined && statement.body !== undefined) {
      scope.names.set(statement.name.text, functionValue(statement, scope));
    }
  }
  for (const statement of statements) {
    if (run.stepsLeft <= 0) return 'normal';
    const completion = execute(run, statement, scope, returns);
    if (completion !== 'normal') return completion;
  }
  return 'normal';
}

function execute(run: Run, node: ts.Statement, scope: Scope, returns: Value[]): Completion {
  if (ts.isExpressionStatement(node)) {
    evaluate(run, node.expression, scope);
  } else if (ts.isVariableStatement(node)) {
    declare(run, node.declarationList, scope);
  } else if (ts.isReturnStatement(node)) {
    returns.push(node.expression === undefined ? UNDEFINED : evaluate(run, node.expression, scope));
    return 'return';
  } else if (ts.isIfStatement(node)) {
    return executeIf(run, node, scope, returns);
  } else if (ts.isBlock(node)) {
    return executeAll(run, node.statements, childScope(scope), returns);
  } else if (ts.isClassDeclaration(node)) {
    const made = defineClass(run, node, scope);
    if (node.name !== undefined) scope.names.set(node.name.text, made);
  } else if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
    return executeForEach(run, node, scope, returns);
  } else if (ts.isForStatement(node)) {
    return executeFor(run, node, scope, returns);
  } else if (ts.isWhileStatement(node) || ts.isDoStatement(node)) {
    evaluate(run, node.expression, scope);
    return afterLoop(maybe(run, () => execute(run, node.statement, childScope(scope), returns)));
  } else if (ts.isTryStatement(node)) {
    return executeTry(run, node, scope, returns);
  } else if (ts.isSwitchStatement(node)) {
    return executeSwitch(run, node, scope, returns);
  } else if (ts.isEnumDeclaration(node)) {
    scope.names.set(node.name.text, enumValue(run, node, scope));
  } else if (ts.isModuleDeclaration(node) && node.body !== undefined && ts.isModuleBlock(node.body)) {
    const inner = childScope(scope);
    executeAll(run, node.body.statements, inner, []);
    const entries = [...inner.names].flatMap(([name, value]): [string, Value][] =>
      typeof value === 'function' ? [] : [[name, value]],
    );
    scope.names.set(node.name.text, object(entries));
  } else if (ts.isLabeledStatement(node)) {
    return execute(run, node.statement, scope, returns);
  } else if (ts.isThrowStatement(node)) {
    return 'return';
  } else if (ts.isBreakStatement(node)) {
    return 'break';
  } else if (ts.isContinueStatement(node)) {
    return 'continue';
  }
  return 'normal';
}

function declare(run: Run, declarations: ts.VariableDeclarationList, scope: Scope): void {
  for (const declaration of declarations.declarations) {
    const value =
      declaration.initializer === undefined ? UNDEFINED : evaluate(run, declaration.initializer, scope);
    bind(run, declaration.name, value, scope);
  }
}

/** Follows code that may or may not run. */
function maybe<T>(run: Run, action: () => T): T {
  run.undecided += 1;
  const result = action();
  run.undecided -= 1;
  return result;
}

function executeIf(run: Run, node: ts.IfStatement, scope: Scope, returns: Value[]): Completion {
  const condition = evaluate(run, node.expression, scope);
  const { thenStatement, elseStatement } = node;
  const said = truth(condition) ?? (isGuard(run, node, scope) ? true : null);
  const left = said === false ? thenStatement : said === true ? elseStatement : undefined;
  const decided = left !== undefined && isSwitchedOff(node.expression, left, scope) ? null : said;
  if (isOnlyWithEnvironment(node, condition)) return 'normal';
  if (decided === true) return execute(run, thenStatement, childScope(scope), returns);
  if (decided === false) {
    return elseStatement === undefined ? 'normal' : execute(run, elseStatement, childScope(scope), returns);
  }
  return maybe(run, () => {
    const first = execute(run, thenStatement, childScope(scope), returns);
    if (elseStatement === undefined) return 'normal';
    const second = execute(run, elseStatement, childScope(scope), returns);
    return first === second ? first : 'normal';
  });
}

/** `if (!process.env.BASE_PATH) return '';` */
function isGuard(run: Run, { expression, thenStatement }: ts.IfStatement, scope: Scope): boolean {
  return returnsText(thenStatement) && withoutEnvironment(run, expression, scope) === true;
}

function executeForEach(
  run: Run,
  node: ts.ForOfStatement | ts.ForInStatement,
  scope: Scope,
  returns: Value[],
): Completion {
  const subject = evaluate(run, node.expression, scope);
  const turns = ts.isForOfStatement(node) ? iterated(subject) : keysOf(subject);
  const turn = (value: Value): Completion => {
    const inner = childScope(scope);
    if (ts.isVariableDeclarationList(node.initializer)) {
      const [declaration] = node.initializer.declarations;
      if (declaration !== undefined) bind(run, declaration.name, value, inner);
    } else {
      assign(run, node.initializer, value, inner);
    }
    return execute(run, node.statement, inner, returns);
  };
  if (turns === null)
    return afterLoop(
      maybe(run, () => turn(unknown(node.expression.getText()))),
      true,
    );
  if (turns.length > MAX_LOOP_TURNS) reportCutLoop(run, node);
  if (subject.kind === 'list' && subject.isOpen === true && looksRegistering(node.statement)) {
    reportOpenLoop(run, node);
  }
  for (const value of turns.slice(0, MAX_LOOP_TURNS)) {
    const completion = turn(value);
    if (completion === 'break') break;
    if (completion === 'return') return 'return';
  }
  if (ts.isForInStatement(node) && mayHaveMore(subject)) {
    maybe(run, () => turn(unknown(node.initializer.getText().replace(/^\w+ /, ''))));
  }
  return 'normal';
}

/** An object that a loop goes over and nothing is seen to fill is filled by code we cannot see. */
function mayHaveMore(value: Value): boolean {
  return value.kind === 'object' && (value.isOpen || value.properties.size === 0);
}

function keysOf(value: Value): readonly Value[] | null {
  if (value.kind === 'object') return [...value.properties.keys()].map((key) => literal(key));
  if (value.kind === 'list') return value.items.map((_, index) => literal(String(index)));
  return null;
}

function executeFor(run: Run, node: ts.ForStatement, scope: Scope, returns: Value[]): Completion {
  const outer = childScope(scope);
  if (node.initializer !== undefined) {
    if (ts.isVariableDeclarationList(node.initializer)) declare(run, node.initializer, outer);
    else evaluate(run, node.initializer, outer);
  }
  for (let turn = 0; turn < MAX_LOOP_TURNS; turn += 1) {
    const decided = node.condition === undefined ? null : truth(evaluate(run, node.condition, outer));
    if (decided === false) return 'normal';
    if (decided === null) {
      return afterLoop(
        maybe(run, () => execute(run, node.statement, childScope(outer), returns)),
        true,
      );
    }
    const completion = execute(run, node.statement, childScope(outer), returns);
    if (completion === 'break') return 'normal';
    if (completion === 'return') return 'return';
    if (node.incrementor !== undefined) evaluate(run, node.incrementor, outer);
  }
  reportCutLoop(run, node);
  return 'normal';
}

function reportCutLoop(run: Run, node: ts.IterationStatement): void {
  if (looksRegistering(node.statement)) {
    reportUnresolved(run, node, `loop_too_long: only ${MAX_LOOP_TURNS} turns are followed`);
  }
}

/** A loop of unknown length may have ended before a `return` in it was met. */
function afterLoop(completion: Completion, mayBeEmpty = false): Completion {
  return completion === 'return' && !mayBeEmpty ? 'return' : 'normal';
}

function executeTry(run: Run, node: ts.TryStatement, scope: Scope, returns: Value[]): Completion {
  const { catchClause, finallyBlock } = node;
  const attempt = catchClause === undefined ? 0 : 1;
  run.attempts += attempt;
  const tried = executeAll(run, node.tryBlock.statements, childScope(scope), returns);
  run.attempts -= attempt;
  if (catchClause !== undefined) {
    maybe(run, () => {
      const inner = childScope(scope);
      if (catchClause.variableDeclaration !== undefined) {
        bind(run, catchClause.variableDeclaration.name, unknown('error'), inner);
      }
      executeAll(run, catchClause.block.statements, inner, returns);
    });
  }
  if (finallyBlock !== undefined) executeAll(run, finallyBlock.statements, childScope(scope), returns);
  return tried;
}

function executeSwitch(run: Run, node: ts.SwitchStatement, scope: Scope, returns: Value[]): Completion {
  const subject = evaluate(run, node.expression, scope);
  const inner = childScope(scope);
  const { clauses } = node.caseBlock;
  if (subject.kind !== 'literal') {
    maybe(run, () => {
      for (const clause of clauses) executeAll(run, clause.statements, inner, returns);
    });
    return 'normal';
  }
  let start = clauses.findIndex((clause) => {
    if (!ts.isCaseClause(clause)) return false;
    const value = evaluate(run, clause.expression, inner);
    return value.kind === 'literal' && value.value === subject.value;
  });
  if (start === -1) start = clauses.findIndex((clause) => ts.isDefaultClause(clause));
  for (const clause of start === -1 ? [] : clauses.slice(start)) {
    const completion = executeAll(run, clause.statements, inner, returns);
    if (completion === 'break') break;
    if (completion !== 'normal') return completion;
  }
  return 'normal';
}

function enumValue(run: Run, node: ts.EnumDeclaration, scope: Scope): Value {
  const made = object();
  const inner = childScope(scope);
  let next = 0;
  for (const member of node.members) {
    const name = propertyName(run, member.name, scope);
    if (name === null) continue;
    const value = member.initializer === undefined ? literal(next) : evaluate(run, member.initializer, inner);
    next = value.kind === 'literal' && typeof value.value === 'number' ? value.value + 1 : next + 1;
    made.properties.set(name, value);
    inner.names.set(name, value);
  }
  return made;
}
