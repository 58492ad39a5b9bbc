import type { ts } from '../../scan/project.ts';
import type { Splice } from '../insert.ts';
import type { Types } from '../types.ts';
import type { DatabaseCall } from './orm.ts';

/** The opener in place of the handle that a write begins with: elsewhere it is an argument, which writes need not have. */
export function onOpener(
  _types: Types,
  { handleNode, node }: DatabaseCall,
  opener: ts.Expression,
): readonly Splice[] | null {
  if (handleNode === undefined || handleNode.getStart() !== node.getStart()) return null;
  const position = handleNode.getStart();
  return [{ position, removed: handleNode.end - position, text: opener.getText() }];
}

/** Another text in place of a node; nothing where it is the same. */
export function replaced(node: ts.Node, text: string): readonly Splice[] {
  const position = node.getStart();
  return node.getText() === text ? [] : [{ position, removed: node.end - position, text }];
}
