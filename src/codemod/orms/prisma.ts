// https://www.prisma.io/docs/orm/prisma-client/queries/transactions
import { ts } from '../../scan/project.ts';
import { withoutAssertions, type Chain } from '../chain.ts';
import { readSql } from '../sql.ts';
import { templateText, type Types } from '../types.ts';
import type { DatabaseCall, Effect, OpenedTransaction, Orm, Reading, Wrapping } from './orm.ts';
import { onOpener, replaced } from './replaced.ts';

/** They give the row back, or throw. */
const ROW_WRITES: Readonly<Record<string, 'insert' | 'update' | 'delete'>> = {
  create: 'insert',
  update: 'update',
  upsert: 'update',
  delete: 'delete',
};
const MANY: Readonly<Record<string, 'insert' | 'update' | 'delete'>> = {
  createMany: 'insert',
  createManyAndReturn: 'insert',
  updateMany: 'update',
  updateManyAndReturn: 'update',
  deleteMany: 'delete',
};
const READS = new Set(['findUnique', 'findUniqueOrThrow', 'findFirst', 'findFirstOrThrow']);

/** `prisma.order.create({ data })`, `` tx.$executeRaw`update …` `` as a call */
function readCall(types: Types, { head, links, last }: Chain): Reading | null {
  if (links.length > 1 || last.name === null) return null;
  if (/^\$(?:execute|query)Raw(?:Unsafe)?$/.test(last.name)) {
    const [first] = last.call.arguments;
    const text = first === undefined ? null : (taggedText(first) ?? types.text(first));
    return text === null || isClient(types, head) !== true
      ? null
      : { ...on(types, head), effect: readSql(text, ['0']) };
  }
  const owner = withoutAssertions(head);
  const effect = effectOf(last.name, owner);
  if (effect === null || !ts.isPropertyAccessExpression(owner)) return null;
  const client = withoutAssertions(owner.expression);
  return isClient(types, client) ? { ...on(types, client), effect } : null;
}

function readTemplate(types: Types, { tag, template }: ts.TaggedTemplateExpression): Reading | null {
  if (!ts.isPropertyAccessExpression(tag) || !/^\$(?:execute|query)Raw$/.test(tag.name.text)) return null;
  if (!isClient(types, tag.expression)) return null;
  return { ...on(types, tag.expression), effect: readSql(templateText(template), ['0']) };
}

function effectOf(method: string, owner: ts.Expression): Effect | null {
  const table = ts.isPropertyAccessExpression(owner) ? owner.name.text : '';
  if (READS.has(method)) return { kind: 'other', table, rowPath: [] };
  const verb = ROW_WRITES[method] ?? MANY[method];
  if (verb === undefined) return null;
  const isOne = ROW_WRITES[method] !== undefined;
  return {
    kind: 'write',
    verb,
    table,
    rowPath: isOne ? [] : null,
    countPath: isOne || method.endsWith('AndReturn') ? undefined : ['count'],
    columns: null,
    isRowCertain: isOne,
    isSkippable: false,
  };
}

function readTransaction(types: Types, { head, last, links }: Chain): OpenedTransaction | null {
  // Only its client has a method of that name.
  const isOther = types.has(head, '$executeRawUnsafe') === false;
  if (last.name !== '$transaction' || links.length > 1 || isOther) return null;
  const [callback] = last.call.arguments;
  if (callback === undefined) return null;
  if (ts.isArrayLiteralExpression(callback)) {
    return { kind: 'opaque', reason: 'an array of queries runs as a transaction without a handle' };
  }
  return { kind: 'callback', callback, handleIndex: 0 };
}

function wrap(_types: Types, { handleNode }: DatabaseCall): Wrapping | string {
  if (handleNode === undefined) return 'it is not plain which client writes';
  return {
    open: `${handleNode.getText()}.$transaction(`,
    handle: 'tx',
    bind: (handle) => replaced(handleNode, handle),
    // What a transaction is handed as is no client: it opens none.
    handed: { isPart: true },
  };
}

function on(types: Types, client: ts.Expression): Pick<Reading, 'handle' | 'handleNode' | 'isInTransaction'> {
  const isInTransaction =
    types.has(client, '$executeRawUnsafe') === true && types.has(client, '$connect') === false;
  return { handle: client.getText(), handleNode: client, isInTransaction };
}

/** Where its code was not generated, the client has no type, and is known by its name. */
function isClient(types: Types, node: ts.Expression): boolean {
  return types.has(node, '$executeRawUnsafe') ?? /prisma|^(?:tx|trx|db)$/i.test(node.getText());
}

function taggedText(node: ts.Expression): string | null {
  return ts.isTaggedTemplateExpression(node) ? templateText(node.template) : null;
}

const prisma: Orm = { id: 'prisma', readCall, readTemplate, readTransaction, wrap, unbind: onOpener };
export default prisma;
