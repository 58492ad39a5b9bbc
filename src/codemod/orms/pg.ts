// https://node-postgres.com/features/transactions
import { ts } from '../../scan/project.ts';
import type { Chain } from '../chain.ts';
import { isEmittedRunner } from '../emitted-runner.ts';
import { readSql } from '../sql.ts';
import type { Types } from '../types.ts';
import type { OpenedTransaction, Orm, Reading } from './orm.ts';

const ROW = ['rows', '0'];
const COUNT = ['rowCount'];

/** `client.query('insert into …', […])` */
function readCall(types: Types, { last }: Chain): Reading | null {
  const { call, name } = last;
  const [first] = call.arguments;
  if (name !== 'query' || first === undefined) return null;
  const text = types.text(first);
  if (text === null || !ts.isPropertyAccessExpression(call.expression)) return null;
  const handleNode = call.expression.expression;
  const effect = readSql(text, ROW, COUNT);
  const isPool = isPoolNamed(types, handleNode);
  const doubt = isPool ? 'BEGIN is sent to a pool, not to one client' : undefined;
  return { effect, handle: handleNode.getText(), handleNode, doubt };
}

/** Each query of a pool may run on another connection. */
function isPoolNamed(types: Types, node: ts.Expression): boolean {
  const [name] = types.names(node);
  return name === 'Pool' || (name === undefined && /pool$/i.test(node.getText()));
}

function readTransaction(_types: Types, { head, last, links }: Chain): OpenedTransaction | null {
  const callback = last.call.arguments.at(-1);
  const isIt = links.length === 1 && last.name === null && isEmittedRunner(head);
  return isIt && callback !== undefined ? { kind: 'callback', callback, handleIndex: 0 } : null;
}

const pg: Orm = { id: 'pg', readCall, readTransaction };
export default pg;
