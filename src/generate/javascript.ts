import { ts } from '../scan/project.ts';
import { applyEdits, typeErasures, wholeLines, type Edit } from './erase-types.ts';
import type { ModuleFormat } from './dialect.ts';

const LINE_WIDTH = 100;

/**
 * TypeScript as JavaScript: types are taken out, and for CommonJS imports and exports turned into what a person would
 * write. Comments, blank lines and layout stay.
 * @returns undefined for a module of types alone, which nothing imports while it runs.
 */
export function javaScriptOf(text: string, format: ModuleFormat): string | undefined {
  const source = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, true);
  const exported: Exported = { names: [], spreads: [] };
  const edits = source.statements.flatMap((statement) => moduleEdits(statement, source, format, exported));
  const code = withShortParameters(applyEdits(text, [...typeErasures(source), ...edits]));
  const left = parseScript(code);
  if (left.statements.length === 0) return undefined;
  return format === 'esm' ? code : asCommonJs(code, left, exported);
}

function parseScript(code: string): ts.SourceFile {
  return ts.createSourceFile('module.js', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
}

/** Parameters that had a line each for the length of their types, in one line. */
function withShortParameters(code: string): string {
  const source = parseScript(code);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && node.parameters.length > 0) {
      const [start, end] = [node.parameters.pos, node.parameters.end];
      const close = code.indexOf(')', end);
      const text = node.parameters.map((parameter) => parameter.getText(source)).join(', ');
      const lineStart = code.lastIndexOf('\n', start) + 1;
      const lineEnd = code.indexOf('\n', close);
      const length = start - lineStart + text.length + lineEnd - close;
      const isLoose =
        /^\s*\n/.test(code.slice(start, end)) && !/\n|\/[/*]/.test(text + code.slice(end, close).trim());
      if (isLoose && length <= LINE_WIDTH) edits.push({ start, end: close, text });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return applyEdits(code, edits);
}

/** The types of a module, for editors and type checks of JavaScript; undefined where it exports none. */
export function declarationsOf(text: string): string | undefined {
  const { outputText } = ts.transpileDeclaration(text, {
    fileName: 'module.ts',
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      newLine: ts.NewLineKind.LineFeed,
      verbatimModuleSyntax: true,
    },
  });
  const code = outputText.replace(/^(?:\/\/.*\n|\/\*.*\*\/\n|\s*\n)*/, '').replaceAll(/^(?: {4})+/gm, halved);
  return /^export \{\};\s*$/.test(code) ? undefined : code;
}

function halved(indent: string): string {
  return ' '.repeat(indent.length / 2);
}

interface Exported {
  readonly names: { readonly local: string; readonly name: string }[];
  /** Modules of which all is handed on. */
  readonly spreads: string[];
}

function moduleEdits(
  statement: ts.Statement,
  source: ts.SourceFile,
  format: ModuleFormat,
  exported: Exported,
): Edit[] {
  if (ts.isImportDeclaration(statement)) return [importEdit(statement, source, format)];
  if (ts.isExportDeclaration(statement)) return [exportEdit(statement, source, format, exported)];
  if (format === 'esm' || !ts.canHaveModifiers(statement)) return [];
  const keyword = ts.getModifiers(statement)?.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (keyword === undefined || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
    return [];
  exported.names.push(...declaredNames(statement).map((name) => ({ local: name, name })));
  return [{ start: keyword.getStart(source), end: keyword.end + 1, text: '' }];
}

function importEdit(statement: ts.ImportDeclaration, source: ts.SourceFile, format: ModuleFormat): Edit {
  const start = statement.getStart(source);
  const from = statement.moduleSpecifier.getText(source);
  const clause = statement.importClause;
  if (clause === undefined) {
    return { start, end: statement.end, text: format === 'esm' ? `import ${from};` : `require(${from});` };
  }
  const bindings = clause.namedBindings;
  const named = bindings !== undefined && ts.isNamedImports(bindings) ? valuesOf(bindings.elements) : [];
  const star = bindings !== undefined && ts.isNamespaceImport(bindings) ? bindings.name.text : undefined;
  const isType = clause.phaseModifier === ts.SyntaxKind.TypeKeyword;
  if (isType || (clause.name === undefined && star === undefined && named.length === 0)) {
    return wholeLines(statement, source);
  }
  const text =
    format === 'esm'
      ? esImport(clause.name?.text, star, named, from)
      : requires(clause.name?.text, star, named, from);
  return { start, end: statement.end, text };
}

function esImport(
  main: string | undefined,
  star: string | undefined,
  named: readonly ts.ImportSpecifier[],
  from: string,
): string {
  const names = named.map((element) => renamed(element, ' as '));
  const parts = [
    main,
    star === undefined ? undefined : `* as ${star}`,
    names.length > 0 ? list(names, (inner) => `import ${inner} from ${from};`) : undefined,
  ].filter((part) => part !== undefined);
  return `import ${parts.join(', ')} from ${from};`;
}

function requires(
  main: string | undefined,
  star: string | undefined,
  named: readonly ts.ImportSpecifier[],
  from: string,
): string {
  const call = `require(${from})`;
  const whole = [main, star].filter((name) => name !== undefined);
  const names = named.map((element) => renamed(element, ': '));
  return [
    ...whole.map((name) => `const ${name} = ${call};`),
    ...(names.length > 0 ? [`const ${list(names, (inner) => `const ${inner} = ${call};`)} = ${call};`] : []),
  ].join('\n');
}

function exportEdit(
  statement: ts.ExportDeclaration,
  source: ts.SourceFile,
  format: ModuleFormat,
  exported: Exported,
): Edit {
  const { exportClause: clause, moduleSpecifier } = statement;
  const start = statement.getStart(source);
  const from = moduleSpecifier?.getText(source);
  if (statement.isTypeOnly) return wholeLines(statement, source);
  if (clause === undefined || !ts.isNamedExports(clause)) {
    if (format === 'esm' || from === undefined) return { start, end: start, text: '' };
    exported.spreads.push(from);
    return wholeLines(statement, source);
  }
  const values = valuesOf(clause.elements);
  if (values.length === 0) return wholeLines(statement, source);
  if (format === 'esm') {
    const names = values.map((element) => renamed(element, ' as '));
    const end = from === undefined ? ';' : ` from ${from};`;
    return {
      start,
      end: statement.end,
      text: `export ${list(names, (inner) => `export ${inner}${end}`)}${end}`,
    };
  }
  for (const { name, propertyName } of values) {
    const local = from === undefined ? (propertyName ?? name).text : name.text;
    exported.names.push({ local, name: name.text });
  }
  if (from === undefined) return wholeLines(statement, source);
  const names = values.map((element) => renamed(element, ': '));
  const text = `const ${list(names, (inner) => `const ${inner} = require(${from});`)} = require(${from});`;
  return { start, end: statement.end, text };
}

/** Strict mode in front, and what the module exports at its end. */
function asCommonJs(code: string, { statements }: ts.SourceFile, { names, spreads }: Exported): string {
  const first = statements[0];
  const comments = ts.getLeadingCommentRanges(code, first?.pos ?? 0) ?? [];
  // The header is what a blank line parts from the first statement and its comments.
  const gap = /^(?:\/\/ evtgen .*\n(?:\/\*.*\*\/\n)?\n)/.exec(code);
  const start = gap?.[0].length ?? comments[0]?.pos ?? 0;
  const strict = `${code.slice(0, start)}'use strict';\n\n${code.slice(start).trimEnd()}\n`;
  const parts = [
    ...spreads.map((from) => `...require(${from})`),
    ...names.map(({ local, name }) => (local === name ? name : `${name}: ${local}`)),
  ];
  if (parts.length === 0) return strict;
  return `${strict}\nmodule.exports = ${list(parts, (inner) => `module.exports = ${inner};`)};\n`;
}

function valuesOf<Element extends ts.ImportOrExportSpecifier>(elements: readonly Element[]): Element[] {
  return elements.filter(({ isTypeOnly }) => !isTypeOnly);
}

function renamed({ name, propertyName }: ts.ImportOrExportSpecifier, as: string): string {
  return propertyName === undefined ? name.text : `${propertyName.text}${as}${name.text}`;
}

/** In braces; each on a line of its own where `whole` would be too long for one. */
function list(parts: readonly string[], whole: (inner: string) => string): string {
  const inner = `{ ${parts.join(', ')} }`;
  return whole(inner).length <= LINE_WIDTH ? inner : `{\n${parts.map((part) => `  ${part},\n`).join('')}}`;
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  }
  const isNamed = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}
