import { ts } from '../scan/project.ts';

/** The line, from 1, on which a part of a JSON document begins; of the nearest part around it where that is not there. */
export function lineInJson(text: string, path: readonly string[]): number {
  const source = ts.parseJsonText('document.json', text);
  let node: ts.Node | undefined = source.statements[0]?.expression;
  let start = 0;
  for (const step of path) {
    const next: ts.Node | undefined = node === undefined ? undefined : partOf(node, step);
    if (next === undefined) break;
    start = next.getStart(source);
    node = ts.isPropertyAssignment(next) ? next.initializer : next;
  }
  return source.getLineAndCharacterOfPosition(start).line + 1;
}

function partOf(node: ts.Node, step: string): ts.Node | undefined {
  if (ts.isArrayLiteralExpression(node)) return node.elements[Number(step)];
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  return node.properties.find(
    ({ name }) => name !== undefined && ts.isStringLiteral(name) && name.text === step,
  );
}
