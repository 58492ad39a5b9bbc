import { ts } from '../scan/project.ts';
import type { Program } from './program.ts';
import { bare, nodesIn, type FunctionWithBody } from './syntax.ts';

/** What a function writes on: a parameter that callers may leave out, and the connection that it falls back to. */
export interface TakenHandle {
  /** Of the parameter. */
  readonly index: number;
  readonly connection: ts.Expression;
}

/**
 * The transaction that a function already takes: `trx = knex`, `const db = trx ?? this.knex`, `dbOrTx(this.db, trx)`.
 *
 * @param handle what its write runs on
 */
export function takenHandle(
  program: Program,
  writer: FunctionWithBody,
  handle: ts.Expression,
): TakenHandle | null {
  const node = bare(handle);
  const declaration = ts.isIdentifier(node) ? declarationOf(program, node) : undefined;
  if (declaration !== undefined && ts.isParameter(declaration)) {
    const { initializer } = declaration;
    const index = writer.parameters.indexOf(declaration);
    return index === -1 || initializer === undefined ? null : { index, connection: initializer };
  }
  const isConstant =
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  const choice = isConstant ? declaration.initializer : node;
  const pair = choice === undefined ? null : choiceOf(program, bare(choice));
  if (pair === null) return null;
  const index = optionalParameter(program, writer, pair.given);
  return index === -1 ? null : { index, connection: pair.otherwise };
}

interface Choice {
  readonly given: ts.Expression;
  readonly otherwise: ts.Expression;
}

/** `given ?? otherwise`, `given || otherwise`, `given ? given : otherwise`, or a function that does no more than that. */
function choiceOf(program: Program, node: ts.Expression): Choice | null {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const isChoice = kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken;
    return isChoice ? { given: bare(node.left), otherwise: bare(node.right) } : null;
  }
  if (ts.isConditionalExpression(node)) {
    const isChoice = bare(node.condition).getText() === bare(node.whenTrue).getText();
    return isChoice ? { given: bare(node.whenTrue), otherwise: bare(node.whenFalse) } : null;
  }
  if (!ts.isCallExpression(node) || node.arguments.length !== 2) return null;
  const callee = program.callee(node);
  const order = callee === null ? null : orderOf(callee);
  const [given, otherwise] = order === null ? [] : order.map((index) => node.arguments[index]);
  return given === undefined || otherwise === undefined ? null : { given, otherwise };
}

/** Which of two parameters a function gives back first, if it gives back nothing but the one or the other. */
function orderOf({ parameters, body }: FunctionWithBody): readonly [number, number] | null {
  const names = parameters.map(({ name }) => name.getText());
  const mentioned = [body, ...nodesIn(body, false)].filter(ts.isIdentifier).map(({ text }) => text);
  if (names.length !== 2 || mentioned.some((name) => !names.includes(name))) return null;
  const optional = parameters.findIndex(({ questionToken }) => questionToken !== undefined);
  return optional === -1 || mentioned[0] !== names[optional] ? null : [optional, 1 - optional];
}

function optionalParameter(program: Program, writer: FunctionWithBody, node: ts.Expression): number {
  const declaration = ts.isIdentifier(node) ? declarationOf(program, node) : undefined;
  return writer.parameters.findIndex(
    (parameter) =>
      parameter === declaration &&
      (parameter.questionToken !== undefined || parameter.initializer !== undefined),
  );
}

function declarationOf({ checker }: Program, node: ts.Identifier): ts.Declaration | undefined {
  return checker.getSymbolAtLocation(node)?.valueDeclaration;
}
