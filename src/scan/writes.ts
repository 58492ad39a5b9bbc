import { ts } from './project.ts';
import type { JsonSchema } from './report.ts';
import type { FlatRoute } from './route-graph.ts';
import { entityNamed, rowOfSql, sqlWriteOf, type Entities } from './rows.ts';
import { ANYTHING, hasProperties } from './schemas.ts';
import type { Tracer } from './tracer.ts';
import { singular, wordsOf } from './words.ts';

export interface Written {
  readonly call: ts.CallExpression;
  readonly schema: JsonSchema;
  /** The table behind it, where the project defines it. */
  readonly table: JsonSchema | undefined;
  /** The schema is of the whole row, and not of the columns that were set. */
  readonly isWhole: boolean;
  readonly isDelete: boolean;
}

interface Candidate extends Written {
  readonly name: string;
}

/** Writes are looked for in the handler and in what it calls, this deep. */
const MAX_DEPTH = 3;
const MAX_CANDIDATES = 12;
/** Rows that tell of something that happened to another one. */
const BOOKKEEPING =
  /^(?:audit|log|activity|history|notification|session|token|event|outbox|job|queue|metric|statistic|analytics|cache|visit|usage|trail|webhook)s?$/;

/**
 * What the handler, or what it calls, writes: the thing that the path speaks of, else the first that is not there
 * to keep the books.
 */
export function mainWrite(
  handler: ts.FunctionLikeDeclaration,
  route: FlatRoute,
  tracer: Tracer,
  checker: ts.TypeChecker,
  entities: Entities,
): Written | null {
  const found: Candidate[] = [];
  const seen = new Set<ts.Node>();
  const search = (node: ts.Node, depth: number): void => {
    if (found.length >= MAX_CANDIDATES || ts.isCatchClause(node)) return;
    if (ts.isCallExpression(node)) {
      const written = writtenBy(node, tracer, checker, entities);
      if (written !== null) found.push(written);
      const called = depth < MAX_DEPTH && written === null ? tracer.calledFunction(node) : null;
      if (called !== null && !seen.has(called)) {
        seen.add(called);
        search(called, depth + 1);
      }
    }
    ts.forEachChild(node, (child) => search(child, depth));
  };
  search(handler, 0);
  const words = route.path
    .split('/')
    .flatMap((segment) => (segment.startsWith(':') ? [] : wordsOf(segment).map(singular)));
  const rankOf = ({ name }: Candidate): number => {
    const own = wordsOf(name).map(singular);
    const isNamed = own.length > 0 && own.every((word) => words.includes(word));
    if (isNamed || words.includes(own.join(''))) return 1 + words.lastIndexOf(own.at(-1) ?? '');
    return own.some((word) => BOOKKEEPING.test(word)) ? -1 : 0;
  };
  const ranked = found.map((candidate, index) => ({ candidate, index, rank: rankOf(candidate) }));
  ranked.sort((a, b) => b.rank - a.rank || a.index - b.index);
  const [first] = ranked;
  if (first === undefined || first.rank < 0) return null;
  // What goes is not what is changed beside it.
  const isBeside = route.method === 'DELETE' && first.rank === 0 && !first.candidate.isDelete;
  return isBeside ? null : first.candidate;
}

function writtenBy(
  call: ts.CallExpression,
  tracer: Tracer,
  checker: ts.TypeChecker,
  entities: Entities,
): Candidate | null {
  if (!ts.isPropertyAccessExpression(call.expression)) return null;
  const [argument] = call.arguments;
  const write = sqlWriteOf(argument);
  if (write !== null) {
    const [typeNode] = call.typeArguments ?? [];
    const typed = typeNode === undefined ? null : tracer.schemaOfTypeNode(typeNode);
    return {
      call,
      name: write.table,
      isDelete: write.verb === 'delete',
      schema: typed ?? rowOfSql(argument, entities) ?? ANYTHING,
      table: entityNamed(entities, write.table),
      isWhole: typed !== null || write.returning !== null,
    };
  }
  const model = tracer.modelCall(call);
  if (model !== null) {
    if (model.verb === 'read') return null;
    const { name, row, verb } = model;
    return {
      call,
      name,
      isDelete: verb === 'delete',
      schema: verb === 'write' ? row : ANYTHING,
      table: row,
      isWhole: true,
    };
  }
  if (!/^(?:create|insert|insertOne|save|update|updateOne|upsert)$/.test(call.expression.name.text))
    return null;
  if (tracer.calledFunction(call) !== null) return null;
  const schema = tracer.schemaOf(call);
  if (!hasProperties(schema)) return null;
  const name = checker.getTypeAtLocation(call.expression.expression).symbol?.name ?? '';
  return { call, name, isDelete: false, schema, table: undefined, isWhole: true };
}
