import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { ts } from '../scan/project.ts';

/**
 * A hash of what a source file says, blind to how it is laid out: quotes, parentheses, semicolons, commas,
 * line breaks and indentation do not count; names, literals, structure and the words of comments do. Two
 * files with equal hashes differ by a formatter's work at most.
 *
 * Files that are not TypeScript or JavaScript are hashed with line endings normalised.
 */
export function astHash(path: string, text: string): string {
  const key = `${extname(path)}\0${text}`;
  const hash = hashes.get(key) ?? computeHash(path, text);
  hashes.set(key, hash);
  return hash;
}

/** A plan asks for the same texts several times, and parsing them is most of its work. */
const hashes = new Map<string, string>();

function computeHash(path: string, text: string): string {
  const hash = createHash('sha256');
  if (/\.[cm]?[jt]sx?$/.test(path)) {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const comments = new Map<number, string>();
    visit(source, source, comments, (part) => hash.update(`${part}\0`));
    for (const position of [...comments.keys()].sort((a, b) => a - b)) {
      hash.update(`${comments.get(position)}\0`);
    }
  } else {
    hash.update(text.replaceAll('\r\n', '\n'));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Whether two texts of a file differ by layout at most. */
export function saysTheSame(path: string, a: string, b: string): boolean {
  return a === b || astHash(path, a) === astHash(path, b);
}

const LAYOUT_TOKENS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.CommaToken,
  ts.SyntaxKind.SemicolonToken,
  ts.SyntaxKind.OpenParenToken,
  ts.SyntaxKind.CloseParenToken,
]);

const TRANSPARENT: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.ParenthesizedExpression,
  ts.SyntaxKind.ParenthesizedType,
  ts.SyntaxKind.SyntaxList,
]);

function visit(
  node: ts.Node,
  source: ts.SourceFile,
  comments: Map<number, string>,
  emit: (part: string) => void,
): void {
  if (ts.isJSDoc(node) || ts.isEmptyStatement(node)) return;
  const children = node.getChildren(source);
  if (children.length === 0) {
    collectComments(node.pos, source.text, comments);
    const text = tokenText(node, source);
    if (text !== undefined) emit(text);
    return;
  }
  const isMarked = !TRANSPARENT.has(node.kind);
  if (isMarked) emit(`<${ts.SyntaxKind[node.kind]}`);
  for (const child of children) visit(child, source, comments, emit);
  if (isMarked) emit('>');
}

/** Undefined for a token that formatters add and remove. */
function tokenText(token: ts.Node, source: ts.SourceFile): string | undefined {
  const { parent } = token;
  if (LAYOUT_TOKENS.has(token.kind)) {
    // Only these say which part of a `for` head is empty.
    const isForHead = token.kind === ts.SyntaxKind.SemicolonToken && ts.isForStatement(parent);
    return isForHead ? ';' : undefined;
  }
  const isLeadingBar =
    (token.kind === ts.SyntaxKind.BarToken || token.kind === ts.SyntaxKind.AmpersandToken) &&
    ts.isTypeNode(ts.isBinaryExpression(parent) ? token : parent);
  if (isLeadingBar || token.kind === ts.SyntaxKind.SyntaxList) return undefined;
  if (ts.isStringLiteral(token) || ts.isIdentifier(token) || ts.isNumericLiteral(token)) {
    // Formatters quote and unquote property names.
    const isName = 'name' in parent && parent.name === token && !ts.isIdentifier(parent);
    return `${isName ? 'name' : ts.SyntaxKind[token.kind]} ${token.text}`;
  }
  return token.getText(source).replaceAll('\r\n', '\n');
}

function collectComments(position: number, text: string, comments: Map<number, string>): void {
  const ranges = [
    ...(ts.getTrailingCommentRanges(text, position) ?? []),
    ...(ts.getLeadingCommentRanges(text, position) ?? []),
  ];
  for (const { pos, end } of ranges) comments.set(pos, text.slice(pos, end).replaceAll(/\s+/g, ' '));
}
