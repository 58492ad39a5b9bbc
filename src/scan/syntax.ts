import { ts } from './typescript.ts';

/** The tree of a source file, in which every node knows its parent. */
export function parseSource(file: string, text: string): ts.SourceFile {
  // Comments say something of types in JavaScript only; there they are nodes too.
  const hasDocs = !isTyped(file);
  const language = {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: hasDocs ? ts.JSDocParsingMode.ParseAll : ts.JSDocParsingMode.ParseNone,
  };
  const source = ts.createSourceFile(file, text, language);
  setParents(source, hasDocs);
  return source;
}

/** A node before others see it. */
interface Linked extends ts.Node {
  parent: ts.Node;
  readonly jsDoc?: readonly Linked[];
}

/** What the compiler does too, but without a list for each node. */
function setParents(source: ts.SourceFile, hasDocs: boolean): void {
  const pending: ts.Node[] = [source];
  const first = ts.SyntaxKind.FirstNode;
  let parent: ts.Node = source;
  const adopt = (child: Linked): void => {
    child.parent = parent;
    if (child.kind >= first) pending.push(child);
    if (!hasDocs || child.jsDoc === undefined) return;
    for (const doc of child.jsDoc) {
      doc.parent = child;
      pending.push(doc);
    }
  };
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    parent = node;
    ts.forEachChild(node, adopt);
  }
}

/** TypeScript without imports and exports: what it declares is global. */
export function isScript(source: ts.SourceFile): boolean {
  return isTyped(source.fileName) && !ts.isExternalModule(source);
}

function isTyped(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file);
}

/** The first error of a file's syntax, with its line. */
export function firstSyntaxError(source: ts.SourceFile): { line: number; message: string } | null {
  // The parser keeps its errors on the node; the public way to them is a program, which costs a full load.
  const [first] =
    (source as ts.SourceFile & { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] })
      .parseDiagnostics ?? [];
  if (first === undefined) return null;
  return {
    line: source.getLineAndCharacterOfPosition(first.start).line + 1,
    message: ts.flattenDiagnosticMessageText(first.messageText, ' '),
  };
}
