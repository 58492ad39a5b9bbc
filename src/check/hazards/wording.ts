import type { Program } from '../../codemod/program.ts';
import type { ts } from '../../scan/project.ts';

/** `this.queue.add` of a call, in one line. */
export function nameOfCall({ expression }: ts.CallExpression): string {
  const text = expression.getText().replaceAll(/\s+/g, '');
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

export function placeText(program: Program, node: ts.Node): string {
  const { file, line } = program.place(node);
  return `${file}:${line}`;
}
