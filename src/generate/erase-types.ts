import { ts } from '../scan/project.ts';
import { EvtgenError } from '../ui/errors.ts';

/** A part of a text that is to be replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const TYPE_MODIFIERS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AbstractKeyword,
  ts.SyntaxKind.DeclareKeyword,
  ts.SyntaxKind.OverrideKeyword,
  ts.SyntaxKind.PrivateKeyword,
  ts.SyntaxKind.ProtectedKeyword,
  ts.SyntaxKind.PublicKeyword,
  ts.SyntaxKind.ReadonlyKeyword,
]);

/**
 * What to take out of TypeScript so that JavaScript is left. The rest stays as it is laid out, comments and blank
 * lines with it, which a compiler would lose.
 */
export function typeErasures(source: ts.SourceFile): Edit[] {
  const { text } = source;
  const edits: Edit[] = [];
  const remove = (start: number, end: number): void => void edits.push({ start, end, text: '' });

  const visit = (node: ts.Node): void => {
    refuseWhatRuns(node, source);
    if (isTypeStatement(node)) {
      edits.push(wholeLines(node, source));
      return;
    }
    for (const modifier of ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []) {
      if (TYPE_MODIFIERS.has(modifier.kind)) remove(modifier.getStart(source), nextToken(text, modifier.end));
    }
    if (ts.isParameter(node) && node.name.getText(source) === 'this') {
      remove(node.getStart(source), nextToken(text, node.end + (text[node.end] === ',' ? 1 : 0)));
      return;
    }
    if (isTyped(node)) remove(node.name.end, node.type?.end ?? node.name.end + markLength(node));
    if (ts.isFunctionLike(node) && node.type !== undefined)
      remove(parametersEnd(node, source), node.type.end);
    const angles = anglesOf(node);
    if (angles !== undefined) remove(angles.pos - 1, text.indexOf('>', angles.end) + 1);
    if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) {
      remove(node.pos, node.end);
      return;
    }
    if (isWrapper(node)) remove(node.expression.end, node.end);
    if (ts.isParenthesizedExpression(node) && isLeftOver(node)) {
      remove(node.getStart(source), node.expression.getStart(source));
      remove(node.expression.end, node.end);
    }
    ts.forEachChild(node, (child) => {
      if (!ts.isTypeNode(child) || ts.isExpressionWithTypeArguments(child)) visit(child);
    });
  };
  ts.forEachChild(source, visit);
  return edits;
}

/** Overlapping edits count once: what lies in a part that goes, goes with it. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let from = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.start < from) continue;
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}

/** A statement or member with its own comments and its lines, and one of two blank lines around it. */
export function wholeLines(node: ts.Node, source: ts.SourceFile): Edit {
  const { text } = source;
  const isImport = ts.isImportDeclaration(node);
  let start = node.getStart(source);
  for (const comment of (ts.getLeadingCommentRanges(text, node.pos) ?? []).toReversed()) {
    if (isImport || text.slice(comment.end, start).split('\n').length > 2) break;
    start = comment.pos;
  }
  start = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', node.end);
  const end = newline === -1 ? text.length : newline + 1;
  const before = text.slice(0, start);
  const isLoose = before === '' || /(?:\n\s*|\{\s*)\n$/.test(before);
  return { start, end: isLoose && text[end] === '\n' ? end + 1 : end, text: '' };
}

/** What has no counterpart in JavaScript, and does something all the same. */
function refuseWhatRuns(node: ts.Node, source: ts.SourceFile): void {
  const isParameterProperty = ts.isParameter(node) && (ts.getModifiers(node)?.length ?? 0) > 0;
  const isRefused =
    ts.isDecorator(node) || ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node) || isParameterProperty;
  if (!isRefused) return;
  throw new EvtgenError(
    'unsupported_in_javascript',
    `what would be written is not possible in JavaScript: ${node.getText(source).split('\n')[0]}`,
    { hint: 'decorators need TypeScript: add a tsconfig.json and the first .ts file' },
  );
}

function isTypeStatement(node: ts.Node): boolean {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)) return true;
  return (
    (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) &&
    node.body === undefined
  );
}

type Typed = ts.ParameterDeclaration | ts.VariableDeclaration | ts.PropertyDeclaration;

function isTyped(node: ts.Node): node is Typed {
  return ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node);
}

/** Of the `?` or `!` behind a name that has no type. */
function markLength(node: Typed): number {
  const isMarked =
    ('questionToken' in node && node.questionToken !== undefined) ||
    ('exclamationToken' in node && node.exclamationToken !== undefined);
  return isMarked ? 1 : 0;
}

function parametersEnd(node: ts.SignatureDeclaration, source: ts.SourceFile): number {
  const close = node.getChildren(source).find(({ kind }) => kind === ts.SyntaxKind.CloseParenToken);
  return close?.end ?? node.end;
}

/** Type parameters or arguments, without their angle brackets. */
function anglesOf(node: ts.Node): ts.NodeArray<ts.Node> | undefined {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node.typeParameters;
  const takesArguments =
    ts.isCallExpression(node) ||
    ts.isNewExpression(node) ||
    ts.isTaggedTemplateExpression(node) ||
    ts.isExpressionWithTypeArguments(node);
  return takesArguments ? node.typeArguments : undefined;
}

type Wrapper = ts.AsExpression | ts.SatisfiesExpression | ts.NonNullExpression;

function isWrapper(node: ts.Node): node is Wrapper {
  return ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node);
}

/** Parentheses that were there for a type only. */
function isLeftOver(node: ts.ParenthesizedExpression): boolean {
  let core: ts.Node = node.expression;
  while (isWrapper(core)) core = core.expression;
  let parent: ts.Node = node.parent;
  while (isWrapper(parent)) parent = parent.parent;
  if (core === node.expression && parent === node.parent) return false;
  if (ts.isOptionalChain(core) || ts.isNewExpression(parent)) return false;
  if (ts.isAwaitExpression(core)) return ts.isReturnStatement(parent) || ts.isVariableDeclaration(parent);
  return (
    ts.isIdentifier(core) ||
    ts.isCallExpression(core) ||
    ts.isPropertyAccessExpression(core) ||
    ts.isElementAccessExpression(core)
  );
}

function nextToken(text: string, position: number): number {
  return position + (/^\s*/.exec(text.slice(position))?.[0].length ?? 0);
}
