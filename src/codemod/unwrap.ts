import { ts } from '../scan/project.ts';
import { applySplices, type Splice } from './insert.ts';
import { layoutOf } from './layout.ts';
import type { DatabaseCall } from './orms/orm.ts';
import { unbindOwnRunner } from './own-runner-left.ts';
import type { Program } from './program.ts';
import { bare, enclosingFunction, isFunctionWithBody, nodesIn, rootOf } from './syntax.ts';

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
  if (!ts.isCallExpression(opening) || opening.arguments.at(-1) !== work || handle === undefined) return null;
  const [write, exit, ...more] = work.body.statements.filter((statement) => statement !== emit);
  if (write === undefined || more.length > 0 || hasComments(work.body)) return null;
  const held = heldBy(write);
  const read = held === null ? null : program.read(held.value);
  if (held === null || read?.effect.kind !== 'write') return null;
  const inner = unbound(program, opening, read);
  if (inner === null) return null;
  const mentions = nodesNamed(held.awaited, handle.name.getText());
  // Where the handle took the name of what it stands for, all that is called so stays as it is.
  const isShadow = openerOf(program, opening)?.getText() === handle.name.getText();
  const isOnItsOwn =
    isShadow || mentions.every((mention) => inner.some((splice) => isWithin(mention, splice)));
  if (mentions.length === 0 || !isOnItsOwn) return null;
  const statements = exit === undefined ? null : movedStatements(opening, write, exit, inner, emit.end);
  if (statements !== null) return [statements];
  const outer = outerBinding(opening, held.name, exit);
  if (outer === undefined) return null;
  return [
    ...(outer === null ? [] : [outer]),
    {
      position: opening.getStart(),
      removed: opening.end - opening.getStart(),
      text: movedOut(held.awaited, inner),
    },
  ];
}

/** What has the write run without the transaction that a call opens. */
function unbound(
  program: Program,
  opening: ts.CallExpression,
  write: DatabaseCall,
): readonly Splice[] | null {
  const opener = openerOf(program, opening);
  if (opener === null) return unbindOwnRunner(program, opening, write);
  return opening.arguments.length === 1 ? (write.orm.unbind?.(program.types, write, opener) ?? null) : null;
}

function isWithin(node: ts.Node, { position, removed = 0 }: Splice): boolean {
  return position <= node.getStart() && node.end <= position + removed;
}

/** `prisma` of `prisma.$transaction(…)`, `db` of `db.transaction().execute(…)`. */
function openerOf(program: Program, opening: ts.CallExpression): ts.Expression | null {
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

/** A write whose result is handed out in part, or has a type, and the return of it, moved out with their names. */
function movedStatements(
  opening: ts.CallExpression,
  write: ts.Statement,
  exit: ts.Statement,
  inner: readonly Splice[],
  emitEnd: number,
): Splice | null {
  const outer = ts.isAwaitExpression(opening.parent) ? opening.parent.parent : opening.parent;
  if (!ts.isReturnStatement(outer) || !ts.isVariableStatement(write)) return null;
  if (!ts.isReturnStatement(exit) || exit.expression === undefined) return null;
  const [declaration] = write.declarationList.declarations;
  const isWhole = declaration?.name.getText() === exit.expression.getText();
  if (declaration === undefined || (isWhole && declaration.type === undefined)) return null;
  const root = rootOf(bare(exit.expression));
  const names = [declaration.name, ...nodesIn(declaration.name, true)];
  if (root === null || !names.some((name) => name.getText() === root.text)) return null;
  const { eol, indent } = layoutOf(outer);
  const position = outer.getStart();
  const lines = exit.getSourceFile().text.slice(emitEnd, exit.getStart()).split('\n').length - 1;
  const text = movedOut(write, inner) + eol.repeat(lines) + indent + exit.getText();
  return { position, removed: outer.end - position, text };
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

/** The text of a write as splices leave it, its lines one step to the left but for those within text. */
function movedOut(value: ts.Node, splices: readonly Splice[]): string {
  const { text } = value.getSourceFile();
  const { unit } = layoutOf(value);
  const literals = [...nodesIn(value, false)].filter(
    (node) => ts.isTemplateLiteralToken(node) || ts.isStringLiteral(node),
  );
  const start = value.getStart();
  const cuts: Splice[] = [...splices];
  for (let at = start + 1; at < value.end; at += 1) {
    const isLine = text[at - 1] === '\n' && text.startsWith(unit, at);
    const isText = literals.some((node) => node.getStart() < at && at < node.end);
    const isGone = splices.some(({ position, removed = 0 }) => position < at && at < position + removed);
    if (isLine && !isText && !isGone) cuts.push({ position: at, removed: unit.length, text: '' });
  }
  const inner = cuts.map((cut) => ({ ...cut, position: cut.position - start }));
  return applySplices(value.getText(), inner);
}
