// https://mikro-orm.io/docs/transactions
import { ts } from '../../scan/project.ts';
import { lastName, withoutAssertions, type Chain } from '../chain.ts';
import { callsIn, enclosingFunction, nodesIn } from '../syntax.ts';
import type { Types } from '../types.ts';
import type { DatabaseCall, OpenedTransaction, Orm, Reading, Wrapping, Write } from './orm.ts';
import { onOpener, replaced } from './replaced.ts';

type Verb = 'insert' | 'update' | 'delete';

const NATIVE: Readonly<Record<string, Verb>> = {
  insert: 'insert',
  insertMany: 'insert',
  nativeInsert: 'insert',
  nativeUpdate: 'update',
  nativeDelete: 'delete',
};
const FLUSHES = /^(?:flush|persistAndFlush|removeAndFlush)$/;
const READS = /^(?:findOne|findOneOrFail)$/;

/** `em.persistAndFlush(order)`, `await em.flush()`, `em.commit()` */
function readCall(types: Types, { head, last, links }: Chain): Reading | null {
  const owner = withoutAssertions(head);
  const { name, call } = last;
  if (name === null || !isManager(types, owner)) return null;
  if (links.length === 1 && (name === 'begin' || name === 'commit' || name === 'rollback')) {
    return { handle: owner.getText(), effect: { kind: name } };
  }
  const on = { handle: owner.getText(), handleNode: owner };
  const [argument] = call.arguments;
  if (READS.test(name)) {
    const table = argument === undefined ? '' : lastName(argument);
    return { ...on, effect: { kind: 'other', table, rowPath: [] } };
  }
  const queued = queuedWrite(types, last.call, name);
  if (queued !== null) return { ...on, effect: queued };
  // `em.persist(order).flush()`
  const persisted = links.length === 2 ? links[0]?.call.arguments[0] : undefined;
  if (FLUSHES.test(name)) {
    const entity = argument ?? persisted ?? flushedEntity(types, call);
    const isOne =
      entity !== undefined && entity !== null && ts.isIdentifier(entity) && !types.isArray(entity);
    const isRemoved = name === 'removeAndFlush' || links[0]?.name === 'remove';
    return {
      ...on,
      effect: {
        kind: 'write',
        verb: isRemoved ? 'delete' : 'update',
        mayInsert: !isRemoved,
        table: isOne ? (types.names(entity)[0] ?? entity.text) : '',
        rowPath: null,
        instance: isOne ? entity : undefined,
        columns: null,
        isRowCertain: true,
        isSkippable: false,
      },
    };
  }
  const isUpsert = name === 'upsert';
  const verb = isUpsert ? 'insert' : NATIVE[name];
  if (verb === undefined || links.length > 1) return null;
  return {
    ...on,
    effect: {
      kind: 'write',
      verb,
      table: argument === undefined ? '' : lastName(argument),
      rowPath: isUpsert ? [] : null,
      countPath: name === 'nativeUpdate' || name === 'nativeDelete' ? [] : undefined,
      columns: null,
      isRowCertain: true,
      isSkippable: false,
    },
  };
}

/** Without a flush of its own, it is the end of the transaction that writes. */
function queuedWrite(types: Types, call: ts.CallExpression, method: string): Write | null {
  const [entity] = call.arguments;
  const isQueued = (method === 'persist' || method === 'remove') && entity !== undefined;
  const owner = enclosingFunction(call);
  if (!isQueued || owner === null || isFlushing(owner)) return null;
  const isOne = ts.isIdentifier(entity) && !types.isArray(entity);
  return {
    kind: 'write',
    verb: method === 'remove' ? 'delete' : 'update',
    mayInsert: method === 'persist',
    table: isOne ? (types.names(entity)[0] ?? entity.text) : '',
    rowPath: null,
    instance: isOne ? entity : undefined,
    columns: null,
    isRowCertain: true,
    isSkippable: false,
  };
}

function isFlushing(owner: ts.Node): boolean {
  return callsIn(owner, false).some(
    ({ expression }) => ts.isPropertyAccessExpression(expression) && FLUSHES.test(expression.name.text),
  );
}

/** The one entity that a function makes, changes or removes before it flushes. */
function flushedEntity(types: Types, flush: ts.CallExpression): ts.Identifier | null {
  const owner = enclosingFunction(flush);
  if (owner === null) return null;
  const touched = new Map<string, ts.Identifier>();
  for (const node of nodesIn(owner, true)) {
    if (node.pos > flush.pos) break;
    const name = touchedBy(types, node);
    if (name !== null) touched.set(name.text, name);
  }
  const [only, second] = touched.values();
  return second === undefined ? (only ?? null) : null;
}

function touchedBy(types: Types, node: ts.Node): ts.Identifier | null {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression;
    if (!isManager(types, expression)) return null;
    const [entity] = node.arguments;
    if (/^(?:persist|remove|assign)$/.test(name.text) && entity !== undefined) {
      return ts.isIdentifier(entity) ? entity : null;
    }
    const declaration = node.parent;
    const isMade = name.text === 'create' && ts.isVariableDeclaration(declaration);
    return isMade && ts.isIdentifier(declaration.name) ? declaration.name : null;
  }
  const isAssignment = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  if (!isAssignment || !ts.isPropertyAccessExpression(node.left)) return null;
  const { expression } = node.left;
  if (!ts.isIdentifier(expression)) return null;
  const made = types.initializer(expression);
  return made !== null && /\.(?:findOne|findOneOrFail|getReference)\b/.test(made.getText())
    ? expression
    : null;
}

/** `em.transactional(async (em) => …)` */
function readTransaction(types: Types, { head, last, links }: Chain): OpenedTransaction | null {
  const [callback] = last.call.arguments;
  const isIt = last.name === 'transactional' && links.length === 1;
  const isManaged = types.has(head, 'transactional', 'flush') ?? /(?:^|\.)em$/i.test(head.getText());
  return isIt && isManaged && callback !== undefined ? { kind: 'callback', callback, handleIndex: 0 } : null;
}

function wrap(_types: Types, { handleNode, node }: DatabaseCall): Wrapping | string {
  if (handleNode === undefined || !ts.isExpression(handleNode)) return 'it is not plain which manager writes';
  if (isRemovedBefore(handleNode.getText(), node)) {
    return 'the manager of a transaction does not know what was removed before';
  }
  return {
    open: `${handleNode.getText()}.transactional(`,
    handle: ts.isIdentifier(handleNode) ? handleNode.text : 'em',
    isShadowing: true,
    bind: (handle) => replaced(handleNode, handle),
  };
}

/** `em.remove(order)` before `em.flush()`: a fork takes over what is persisted, and not what is removed. */
function isRemovedBefore(manager: string, flush: ts.Node): boolean {
  const owner = enclosingFunction(flush);
  return (
    owner !== null &&
    callsIn(owner, true).some(
      ({ expression, end }) => expression.getText() === `${manager}.remove` && end < flush.getStart(),
    )
  );
}

/** The commit flushes, which is after the emit call: without a flush of its own the row has no id yet. */
function settle({ body, handle }: { readonly body: ts.Node; readonly handle: string }): string | null {
  const calls = callsIn(body, false).map(({ expression }) => expression.getText());
  const isQueued = calls.some((text) => /\.(?:persist|remove|create|assign)$/.test(text));
  return isQueued && !isFlushing(body) && calls.some((text) => text.startsWith(`${handle}.`))
    ? `await ${handle}.flush()`
    : null;
}

function isManager(types: Types, node: ts.Expression): boolean {
  return types.has(node, 'flush', 'persist', 'getReference') ?? /(?:^|\.)em$/i.test(node.getText());
}

const mikroOrm: Orm = { id: 'mikro-orm', readCall, readTransaction, wrap, unbind: onOpener, settle };
export default mikroOrm;
