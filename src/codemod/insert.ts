import { ts } from '../scan/project.ts';
import { isTypeScript } from './syntax.ts';

/** New text at an offset of a file. */
export interface Insertion {
  readonly position: number;
  readonly text: string;
}

/** New text in place of what is there: a connection by a transaction, say. */
export interface Splice extends Insertion {
  /** How many characters go; none unless given. */
  readonly removed?: number | undefined;
}

/** How the neighbour of an insertion is written. */
export interface Style {
  readonly quote: "'" | '"';
  readonly semicolon: ';' | '';
}

/** Splices at the same position keep their order. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = '';
  let from = 0;
  for (const { position, text: added, removed = 0 } of splices.toSorted((a, b) => a.position - b.position)) {
    result += text.slice(from, position) + added;
    from = position + removed;
  }
  return result + text.slice(from);
}

/** @param node a statement, or a part of one */
export function styleOf(node: ts.Node): Style {
  const source = node.getSourceFile();
  const statement = ts.findAncestor(node, (one) => ts.isStatement(one) && !ts.isBlock(one)) ?? source;
  const ending = plainStatement(statement) ?? plainStatement(source) ?? statement;
  return {
    quote: quoteIn(statement, source) ?? quoteIn(source, source) ?? "'",
    semicolon: ending.getText(source).endsWith(';') ? ';' : '',
  };
}

/** The statement itself, or the first within it, that ends as its author ends them: a block has no semicolon. */
function plainStatement(node: ts.Node): ts.Node | undefined {
  const isPlain =
    ts.isExpressionStatement(node) ||
    ts.isVariableStatement(node) ||
    ts.isReturnStatement(node) ||
    ts.isThrowStatement(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportAssignment(node);
  return isPlain ? node : ts.forEachChild(node, plainStatement);
}

/** `code` (without semicolon) as a statement of its own before another one and the comments that belong to it. */
export function insertBefore(statement: ts.Statement, code: string, style: Style): Insertion {
  const source = statement.getSourceFile();
  const { text } = source;
  const [start] = [...ownLineComments(statement), statement.getStart(source)];
  const position = start ?? statement.getStart(source);
  const indent = indentBefore(text, position);
  if (indent === null) return { position, text: `${ended(code)} ` };
  return { position, text: code + style.semicolon + eolAt(text, position) + indent };
}

/** `code` (without semicolon) as a statement of its own after another one. */
export function insertAfter(statement: ts.Statement, code: string, style: Style): Insertion {
  const source = statement.getSourceFile();
  const { text } = source;
  const end = statement.getEnd();
  const indent = indentBefore(text, statement.getStart(source));
  const lineEnd = endOfLine(text, end);
  const isLastOnLine = /^\s*(\/\/.*|\/\*[^*]*\*\/\s*)?$/.test(text.slice(end, lineEnd));
  if (indent === null || !isLastOnLine) {
    return { position: end, text: `${statement.getText(source).endsWith(';') ? '' : ';'} ${ended(code)}` };
  }
  return { position: lineEnd, text: eolAt(text, end) + indent + code + style.semicolon };
}

function ended(code: string): string {
  return code.endsWith('}') ? code : `${code};`;
}

/** Makes `name`, or `name as other`, of the module `specifier` known in a file, in the file's own way of importing. */
export function insertImport(source: ts.SourceFile, name: string, specifier: string): Insertion {
  return insertBinding(source, `{ ${name} }`, specifier);
}

/** @param binding what is imported: `prisma`, or `{ db }` */
export function insertBinding(source: ts.SourceFile, binding: string, specifier: string): Insertion {
  const imports = source.statements.filter(ts.isImportDeclaration);
  const lastImport = imports.at(-1);
  if (lastImport !== undefined) {
    const style = styleOf(lastImport);
    return insertAfter(lastImport, esImport(binding, specifier, style), { ...style });
  }
  const lastRequire = source.statements.filter(isRequireStatement).at(-1);
  if (lastRequire !== undefined) {
    const style = styleOf(lastRequire);
    const code = isTypeScript(source)
      ? esImport(binding, specifier, style)
      : requireCall(binding, specifier, style);
    return insertAfter(lastRequire, code, style);
  }
  const first = source.statements.find((statement) => !isDirective(statement));
  const position = first?.getStart(source) ?? source.text.length;
  const style = first === undefined ? ({ quote: "'", semicolon: ';' } as const) : styleOf(first);
  const eol = eolAt(source.text, position);
  const code = isCommonJs(source)
    ? requireCall(binding, specifier, style)
    : esImport(binding, specifier, style);
  return { position, text: code + style.semicolon + eol + eol };
}

/** Adds `name` to the braces of an import that is already there. */
export function extendImport(bindings: ts.NamedImports, name: string): Insertion {
  const last = bindings.elements.at(-1);
  if (last === undefined) return { position: bindings.getStart() + 1, text: ` ${name} ` };
  const indent = indentBefore(bindings.getSourceFile().text, last.getStart());
  const separator =
    indent === null ? ', ' : `,${eolAt(bindings.getSourceFile().text, last.getEnd())}${indent}`;
  return { position: last.getEnd(), text: separator + name };
}

function esImport(binding: string, specifier: string, { quote }: Style): string {
  return `import ${binding} from ${quote}${specifier}${quote}`;
}

function requireCall(binding: string, specifier: string, { quote }: Style): string {
  return `const ${binding.replace(' as ', ': ')} = require(${quote}${specifier}${quote})`;
}

/** A file that imports nothing says by its exports what it is. */
function isCommonJs(source: ts.SourceFile): boolean {
  if (isTypeScript(source) || ts.isExternalModule(source)) return false;
  return source.fileName.endsWith('.cjs') || /\bmodule\.exports\b|\bexports\.\w/.test(source.text);
}

function isRequireStatement(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  const [declaration] = statement.declarationList.declarations;
  const value = declaration?.initializer;
  return (
    value !== undefined &&
    ts.isCallExpression(value) &&
    ts.isIdentifier(value.expression) &&
    value.expression.text === 'require'
  );
}

function isDirective(statement: ts.Statement): boolean {
  return ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression);
}

function quoteIn(node: ts.Node, source: ts.SourceFile): "'" | '"' | undefined {
  if (ts.isStringLiteral(node)) return source.text[node.getStart(source)] === '"' ? '"' : "'";
  return ts.forEachChild(node, (child) => quoteIn(child, source));
}

/** Starts of the comments above a statement that no blank line parts from it. */
function ownLineComments(statement: ts.Statement): number[] {
  const { text } = statement.getSourceFile();
  const starts: number[] = [];
  let next = statement.getStart();
  for (const comment of [...(ts.getLeadingCommentRanges(text, statement.pos) ?? [])].reverse()) {
    const gap = text.slice(comment.end, next);
    if (gap.split('\n').length !== 2 || indentBefore(text, comment.pos) === null) break;
    starts.unshift(comment.pos);
    next = comment.pos;
  }
  return starts;
}

/** The white space from the start of the line, or null if something else stands there. */
export function indentBefore(text: string, position: number): string | null {
  const before = text.slice(text.lastIndexOf('\n', position - 1) + 1, position);
  return /^[ \t]*$/.test(before) ? before : null;
}

function endOfLine(text: string, position: number): number {
  const newline = text.indexOf('\n', position);
  if (newline === -1) return text.length;
  return text[newline - 1] === '\r' ? newline - 1 : newline;
}

export function eolAt(text: string, position: number): string {
  const after = text.indexOf('\n', position);
  const newline = after === -1 ? text.lastIndexOf('\n') : after;
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n';
}

/** Lines that hold nothing else go whole. */
export function removal(statement: ts.Statement): Splice {
  const { text } = statement.getSourceFile();
  const start = statement.getStart();
  const indent = indentBefore(text, start);
  const rest = /^[ \t]*\r?\n/.exec(text.slice(statement.end))?.[0];
  const [from, to] =
    indent === null || rest === undefined
      ? [start, statement.end]
      : [start - indent.length, statement.end + rest.length];
  return { position: from, removed: to - from, text: '' };
}
