import type { ModelCall } from './model-calls.ts';
import type { ts } from './project.ts';
import type { JsonSchema } from './report.ts';

/** What is known of the values that the code of handlers works with. */
export interface Tracer {
  /** Schema of what an expression evaluates to; `{}` where neither its type nor its origin tells. */
  schemaOf(expression: ts.Expression): JsonSchema;
  /** The function that a call runs, when it is the project's. */
  calledFunction(call: ts.CallExpression): ts.FunctionLikeDeclaration | null;
  /** What a call to a data access library works on. */
  modelCall(call: ts.CallExpression): ModelCall | null;
  schemaOfTypeNode(node: ts.TypeNode): JsonSchema;
  schemaOfParameter(node: ts.ParameterDeclaration): JsonSchema;
  /** What an expression must be where it stands, as the function says that it is given to. */
  expected(node: ts.Expression): JsonSchema;
  /** What a function says that it returns. */
  declaredReturn(node: ts.FunctionLikeDeclaration): JsonSchema;
  /** Schema of an expression inside the function that a call runs, for the arguments of that call. */
  within(call: ts.CallExpression, expression: ts.Expression): JsonSchema;
}
