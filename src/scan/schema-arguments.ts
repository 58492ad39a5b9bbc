import { readLater } from './deferred.ts';
import { evaluate, evaluateName } from './evaluate.ts';
import { LazyMembers } from './lazy-members.ts';
import { ts } from './project.ts';
import type { Run } from './run.ts';
import { isSchemaLibrary } from './value-schemas/index.ts';
import { object, type Scope, type Value } from './values.ts';

/**
 * The object that a call at the top of a module describes data with, `z.object({ … })`: its members are read when
 * someone asks for them, since they lead to many files and no route is registered there. Null for other arguments.
 */
export function describingObject(
  run: Run,
  argument: ts.Expression,
  target: Value,
  scope: Scope,
): Value | null {
  if (target.kind !== 'external' || !ts.isObjectLiteralExpression(argument)) return null;
  if (run.isReadingSchemas || !isSchemaLibrary(target.from) || !isConstant(argument, scope)) return null;
  const properties = new LazyMembers();
  for (const property of argument.properties) {
    const { name } = property;
    if (name === undefined || ts.isComputedPropertyName(name)) return null;
    if (ts.isPropertyAssignment(property)) {
      const { initializer } = property;
      properties.defer(name.text, () => readLater(run, () => evaluate(run, initializer, scope)));
    } else if (ts.isShorthandPropertyAssignment(property)) {
      properties.defer(name.text, () => readLater(run, () => evaluateName(run, property.name, scope)));
    } else {
      return null;
    }
  }
  return { ...object(), properties, node: argument };
}

const modulesOfConstants = new WeakMap<ts.SourceFile, boolean>();

/** Whether names mean the same later on: at the top of a module that declares no variables. */
function isConstant(node: ts.Node, scope: Scope): boolean {
  if (scope.parent !== null) return false;
  const source = node.getSourceFile();
  const known = modulesOfConstants.get(source);
  if (known !== undefined) return known;
  const isOfConstants = source.statements.every(
    (statement) =>
      !ts.isVariableStatement(statement) || (statement.declarationList.flags & ts.NodeFlags.Const) !== 0,
  );
  modulesOfConstants.set(source, isOfConstants);
  return isOfConstants;
}
