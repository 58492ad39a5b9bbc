import { evaluate } from './evaluate.ts';
import { loadModule } from './modules.ts';
import { createPackagedSchemas } from './packaged-schemas.ts';
import { ts } from './project.ts';
import type { Run } from './run.ts';
import { childScope, lookup, UNDEFINED, type ExternalValue, type Scope, type Value } from './values.ts';

/** What a walk over the registration code can still be asked once the routes are known. */
export interface Inquiry {
  /** Of an expression in a function that was not followed; its own constants are read where they are written. */
  valueIn(expression: ts.Expression, owner: ts.FunctionLikeDeclaration, scope: Scope): Value;
  /** Of a name at the top of a module. */
  topLevel(file: string, name: string): Value | undefined;
  /** The schema that the project registered with its server under a name. */
  registeredSchema(name: string): Value | undefined;
  /** All of these. */
  registeredSchemas(): ReadonlyMap<string, Value>;
  /** Whether the registration code was followed into a function. */
  wasFollowed(node: ts.Node): boolean;
  /** What an installed package exports that describes data. */
  packaged(value: ExternalValue): Value | undefined;
}

const STEPS = 600_000;

export function createInquiry(run: Run): Inquiry {
  let registered: Map<string, Value> | null = null;
  let isRefilled = false;

  const ask = <T>(question: () => T): T => {
    if (!isRefilled) run.stepsLeft = Math.max(run.stepsLeft, STEPS);
    isRefilled = true;
    return question();
  };

  const packaged = createPackagedSchemas(run);
  const registeredSchemas = (): ReadonlyMap<string, Value> => (registered ??= ask(() => findSchemas(run)));

  return {
    valueIn: (expression, owner, scope) =>
      ask(() => evaluate(run, expression, localScope(run, owner, scope))),
    topLevel: (file, name) => ask(() => lookup(loadModule(run, file).scope, name)),
    registeredSchema: (name) => registeredSchemas().get(name),
    registeredSchemas,
    wasFollowed: (node) => run.followed.has(node),
    packaged: (value) => ask(() => packaged(value)),
  };
}

function localScope(run: Run, owner: ts.FunctionLikeDeclaration, scope: Scope): Scope {
  const local = childScope(scope);
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) declared.add(node.name.text);
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined) {
      const { initializer } = node;
      local.names.set(node.name.text, () => evaluate(run, initializer, local));
    }
    // `let schema; if (…) schema = z.object(…)`: the first of several says as much as another.
    if (isAssignment(node) && ts.isIdentifier(node.left) && !local.names.has(node.left.text)) {
      const { left, right } = node;
      if (declared.has(left.text)) local.names.set(left.text, () => evaluate(run, right, local));
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(owner, visit);
  return local;
}

function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

/** `app.addSchema({ $id: 'Order', … })`, wherever it is written: plugins are often loaded by folder. */
function findSchemas(run: Run): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const file of run.project.files) {
    if (!run.project.text(file).includes('.addSchema(')) continue;
    const { scope } = loadModule(run, file);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const [schema] = node.arguments;
        if (node.expression.name.text === 'addSchema' && schema !== undefined) {
          const value = evaluate(run, schema, scope);
          const id = value.kind === 'object' ? value.properties.get('$id') : UNDEFINED;
          if (id?.kind === 'literal' && typeof id.value === 'string') found.set(id.value, value);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(run.project.parse(file));
  }
  return found;
}
