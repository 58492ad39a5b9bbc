import { ts } from '../scan/project.ts';
import { eolAt, type Splice } from './insert.ts';
import { nodesIn } from './syntax.ts';

/** How the lines of a file are laid out around a node. */
export interface Layout {
  readonly eol: string;
  /** White space before the line that the node begins on. */
  readonly indent: string;
  /** What one step of indentation is. */
  readonly unit: string;
}

export function layoutOf(node: ts.Node): Layout {
  const { text } = node.getSourceFile();
  const start = node.getStart();
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return { eol: eolAt(text, start), indent: /^[ \t]*/.exec(line)?.[0] ?? '', unit: unitOf(text) };
}

/** Moves the lines of a node, or of all up to another one, one step to the right, but for those within text. */
export function indented(node: ts.Node, { unit }: Layout, last = node): Splice[] {
  const { text } = node.getSourceFile();
  const texts = [node, ...nodesIn(node, false), ...nodesIn(last, false)].filter(
    (inner) => ts.isTemplateLiteralToken(inner) || ts.isStringLiteral(inner),
  );
  const splices: Splice[] = [];
  const start = node.getStart();
  for (let at = text.indexOf('\n', start); at !== -1 && at < last.end; at = text.indexOf('\n', at + 1)) {
    const position = at + 1;
    const isBlank = /^[ \t]*\r?(?:\n|$)/.test(text.slice(position, position + 200));
    const isText = texts.some((inner) => inner.getStart() < position && position < inner.end);
    if (!isBlank && !isText) splices.push({ position, text: unit });
  }
  return splices;
}

/** The smallest step by which a line is indented further than the one before. */
function unitOf(text: string): string {
  const counts = new Map<string, number>();
  let before = '';
  for (const line of text.split('\n')) {
    const indent = /^[ \t]*(?=\S)/.exec(line)?.[0];
    if (indent === undefined || /^\s*\*/.test(line)) continue;
    if (indent.startsWith(before) && indent.length > before.length) {
      const step = indent.slice(before.length);
      counts.set(step, (counts.get(step) ?? 0) + 1);
    }
    before = indent;
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? '  ';
}
