import { ts } from '../scan/project.ts';
import type { Splice } from './insert.ts';
import { layoutOf } from './layout.ts';
import type { Program } from './program.ts';
import { bare, enclosingFunction, isFunctionWithBody, nodesIn } from './syntax.ts';

/** ORMs whose writes change nothing but the object that they are called on, when they run in a transaction. */
const PLAIN = new Set(['prisma', 'drizzle', 'kysely', 'knex', 'postgres-js']);

/**
 * Takes a transaction away that is for one write and an emit call, with that call: what wiring puts around a lone write.
 * Null where it is anything else, and stays.
 *
 * @param emit the statement of the call
 */
export function unwrap(program: Program, emit: ts.Statement): readonly Splice[] | null {
  const work = enclosingFunction(emit);
  if (work === null || !isFunctionWithBody(work) || work.body !== emit.parent || !ts.isBlock(work.body))
    return null;
  const { parent: opening } = work;
  const [handle] = work.parameters;
  if (!ts.isCallExpression(opening) || opening.arguments.length !== 1 || handle === undefined) return null;
  const connection = connectionOf(program, opening);
  const [write, exit, ...more] = work.body.statements.filter((statement) => statement !== emit);
  if (connection === null || write === undefined || more.length > 0 || hasComments(work.body)) return null;
  const held = heldBy(write);
  if (held === null) return null;
  const read = program.read(held.value);
  if (read?.effect.kind !== 'write' || !PLAIN.has(read.orm.id) || read.handleNode === undefined) return null;
  const mentions = nodesNamed(held.awaited, handle.name.getText());
  // Elsewhere than at its beginning the connection is an argument, which writes need not have.
  const isFirst = read.handleNode.getStart() === held.value.getStart();
  if (mentions.length !== 1 || mentions[0] !== read.handleNode || !isFirst) return null;
  const outer = outerBinding(opening, held.name, exit);
  if (outer === undefined) return null;
  return [
    ...(outer === null ? [] : [outer]),
    {
      position: opening.getStart(),
      removed: opening.end - opening.getStart(),
      text: movedOut(held.awaited, read.handleNode, connection.getText()),
    },
  ];
}

/** `prisma` of `prisma.$transaction(…)`, `db` of `db.transaction().execute(…)`. */
function connectionOf(program: Program, opening: ts.CallExpression): ts.Expression | null {
  if (program.opened(opening)?.kind !== 'callback') return null;
  const { expression } = opening;
  if (!ts.isPropertyAccessExpression(expression)) return null;
  const owner = expression.expression;
  if (expression.name.text !== 'execute') return owner;
  return ts.isCallExpression(owner) &&
    ts.isPropertyAccessExpression(owner.expression) &&
    owner.arguments.length === 0
    ? owner.expression.expression
    : null;
}

interface HeldValue {
  /** What the result is called; null where it has no name. */
  readonly name: ts.BindingName | null;
  /** What is awaited, and the call in it that writes. */
  readonly awaited: ts.Expression;
  readonly value: ts.Expression;
}

/** `const order = await tx.order.create(…);`, or the write as a statement alone. */
function heldBy(statement: ts.Statement): HeldValue | null {
  let name: ts.BindingName | null = null;
  let given: ts.Expression | undefined;
  if (ts.isExpressionStatement(statement)) given = statement.expression;
  if (ts.isVariableStatement(statement)) {
    const [declaration, second] = statement.declarationList.declarations;
    if (declaration === undefined || second !== undefined) return null;
    ({ name, initializer: given } = declaration);
  }
  if (given === undefined || !ts.isAwaitExpression(given)) return null;
  return { name, awaited: given.expression, value: bare(given.expression) };
}

/**
 * What becomes of the name that the result of the transaction goes by: nothing (null), or the pattern of the write's own
 * result; undefined where the two are not the same value.
 */
function outerBinding(
  opening: ts.CallExpression,
  name: ts.BindingName | null,
  exit: ts.Statement | undefined,
): Splice | null | undefined {
  if (exit === undefined) {
    const value = ts.isAwaitExpression(opening.parent) ? opening.parent : opening;
    return ts.isExpressionStatement(value.parent) ? null : undefined;
  }
  if (!ts.isReturnStatement(exit) || exit.expression === undefined || name === null) return undefined;
  if (ts.isIdentifier(name)) return exit.expression.getText() === name.text ? null : undefined;
  const isAwaited = ts.isAwaitExpression(opening.parent);
  const declaration = isAwaited ? opening.parent.parent : opening.parent;
  const isDeclared = isAwaited && ts.isVariableDeclaration(declaration) && ts.isIdentifier(declaration.name);
  if (!isDeclared || exit.expression.getText() !== declaration.name.getText()) return undefined;
  const [element, second] = name.elements;
  const isIt =
    second === undefined &&
    element !== undefined &&
    ts.isBindingElement(element) &&
    element.name.getText() === declaration.name.getText();
  if (!isIt) return undefined;
  const position = declaration.name.getStart();
  return { position, removed: declaration.name.end - position, text: name.getText() };
}

function nodesNamed(root: ts.Node, name: string): ts.Node[] {
  return [root, ...nodesIn(root, false)].filter(
    (node) =>
      ts.isIdentifier(node) &&
      node.text === name &&
      !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) &&
      !(ts.isPropertyAssignment(node.parent) && node.parent.name === node),
  );
}

function hasComments(block: ts.Block): boolean {
  const { text } = block.getSourceFile();
  return [block.getStart() + 1, ...block.statements.map(({ end }) => end)].some(
    (end) =>
      (ts.getLeadingCommentRanges(text, end)?.length ?? 0) > 0 ||
      (ts.getTrailingCommentRanges(text, end)?.length ?? 0) > 0,
  );
}

/** The text of the write on the connection itself, its lines one step to the left but for those within text. */
function movedOut(value: ts.Expression, handle: ts.Node, connection: string): string {
  const { text } = value.getSourceFile();
  const { unit } = layoutOf(value);
  const literals = [...nodesIn(value, false)].filter(
    (node) => ts.isTemplateLiteralToken(node) || ts.isStringLiteral(node),
  );
  let result = '';
  let from = value.getStart();
  const cut = (position: number, removed: number, added: string): void => {
    result += text.slice(from, position) + added;
    from = position + removed;
  };
  for (let at = from; at < value.end; at += 1) {
    if (at === handle.getStart()) cut(at, handle.end - at, connection);
    const isLine = text[at - 1] === '\n' && at > value.getStart();
    const isText = literals.some((node) => node.getStart() < at && at < node.end);
    if (isLine && !isText && text.startsWith(unit, at)) cut(at, unit.length, '');
  }
  return result + text.slice(from, value.end);
}
