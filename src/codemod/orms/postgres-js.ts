// https://github.com/porsager/postgres#transactions
import { ts } from '../../scan/project.ts';
import type { Chain } from '../chain.ts';
import { readSql } from '../sql.ts';
import { templateText, type Types } from '../types.ts';
import type { DatabaseCall, OpenedTransaction, Orm, Reading, Wrapping } from './orm.ts';
import { onOpener, replaced } from './replaced.ts';

/** `` sql`insert into orders ${sql(order)} returning *` `` */
function readTemplate(types: Types, { tag, template }: ts.TaggedTemplateExpression): Reading | null {
  if (!isClient(types, tag)) return null;
  const text = templateText(template);
  const read = readSql(text, ['0'], ['count']);
  // `insert into orders ${sql(order)}` has its values in the helper.
  const isInsert = read.kind === 'write' && /^\s*insert\s+into\s+\S+\s*\$0/i.test(text) && !read.isSkippable;
  const effect = isInsert ? { ...read, isRowCertain: true } : read;
  return { ...on(types, tag), effect };
}

/** `sql.unsafe('update …', values)` */
function readCall(types: Types, { head, last, links }: Chain): Reading | null {
  const [argument] = last.call.arguments;
  if (links.length > 1 || last.name !== 'unsafe' || argument === undefined || !isClient(types, head))
    return null;
  const text = types.text(argument);
  return text === null ? null : { ...on(types, head), effect: readSql(text, ['0'], ['count']) };
}

function readTransaction(types: Types, { head, last, links }: Chain): OpenedTransaction | null {
  const callback = last.call.arguments.at(-1);
  const isIt = links.length === 1 && last.name === 'begin' && isClient(types, head);
  return isIt && callback !== undefined ? { kind: 'callback', callback, handleIndex: 0 } : null;
}

function wrap(_types: Types, { handleNode }: DatabaseCall): Wrapping | string {
  if (handleNode === undefined) return 'it is not plain which client writes';
  return {
    open: `${handleNode.getText()}.begin(`,
    handle: ts.isIdentifier(handleNode) ? handleNode.text : 'sql',
    isShadowing: true,
    bind: (handle) => replaced(handleNode, handle),
  };
}

function on(types: Types, client: ts.Expression): Pick<Reading, 'handle' | 'handleNode' | 'isInTransaction'> {
  const isInTransaction = types.has(client, 'savepoint') === true;
  return { handle: client.getText(), handleNode: client, isInTransaction };
}

function isClient(types: Types, node: ts.Expression): boolean {
  return types.has(node, 'unsafe') ?? /(?:^|\.)(?:sql|tx|pg)$/i.test(node.getText());
}

const postgresJs: Orm = {
  id: 'postgres-js',
  readCall,
  readTemplate,
  readTransaction,
  wrap,
  unbind: onOpener,
};
export default postgresJs;
