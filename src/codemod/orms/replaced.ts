import type { ts } from '../../scan/project.ts';
import type { Splice } from '../insert.ts';

/** Another text in place of a node; nothing where it is the same. */
export function replaced(node: ts.Node, text: string): readonly Splice[] {
  const position = node.getStart();
  return node.getText() === text ? [] : [{ position, removed: node.end - position, text }];
}
