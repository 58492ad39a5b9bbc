import type { HandlerShape } from '../frameworks/framework.ts';
import { readEntities } from './entities.ts';
import { descends } from './nesting.ts';
import { ts, type Project } from './project.ts';
import type { JsonSchema, Mutation, MutationKind } from './report.ts';
import { parametersSchema, requestSchema, validatorsOf } from './request.ts';
import type { FlatRoute } from './route-graph.ts';
import { rowOfSql, sqlWriteOf, type Entities } from './rows.ts';
import { ANYTHING, hasProperties, merge } from './schemas.ts';
import { withoutSecrets } from './sensitive.ts';
import { createTracer, type Tracer } from './trace.ts';
import { schemaOfType } from './type-schema.ts';
import type { FunctionValue } from './values.ts';

export interface RouteHandler {
  readonly route: FlatRoute;
  readonly handler: FunctionValue | null;
  readonly shape: HandlerShape | undefined;
  readonly kind: MutationKind;
}

export interface Payload {
  readonly schema: JsonSchema | null;
  readonly source: Mutation['payloadSource'];
  readonly sensitive: readonly string[];
}

const NO_PAYLOAD: Payload = { schema: null, source: 'none', sensitive: [] };
/** Writes are looked for in the handler and in what it calls, this deep. */
const MAX_WRITE_DEPTH = 3;

/**
 * The data of each route's event: what its handler sends on success, else the entity it writes, else what it
 * was asked. Secrets are left out, since events travel further than responses. Types are computed for
 * proposed mutations only.
 */
export function payloadsOf(project: Project, routes: readonly RouteHandler[]): Payload[] {
  const kept = routes.flatMap(({ handler, kind }) =>
    handler === null || kind !== 'mutation' ? [] : [handler],
  );
  if (kept.length === 0) return routes.map(() => NO_PAYLOAD);
  const view = project.typed();
  const entities = readEntities(project);
  const tracer = createTracer(view, entities);
  const known = new Map<string, Payload>();
  return routes.map(({ route, handler, shape, kind }) => {
    if (handler === null || shape === undefined || kind !== 'mutation') return NO_PAYLOAD;
    // The same registration reached under several prefixes.
    const key = [handler.node, route.site.node]
      .map((node) => `${node.getSourceFile().fileName}:${node.pos}`)
      .join();
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    const node = view.find(handler.node);
    if (node === null) return NO_PAYLOAD;
    let payload = NO_PAYLOAD;
    descends(() => {
      payload = payloadOf(node, route, shape, tracer, view.checker, entities);
    });
    known.set(key, payload);
    return payload;
  });
}

function payloadOf(
  node: ts.FunctionLikeDeclaration,
  route: FlatRoute,
  shape: HandlerShape,
  tracer: Tracer,
  checker: ts.TypeChecker,
  entities: Entities,
): Payload {
  for (const expression of shape.responses(node)) {
    const sent = unwrapped(tracer.schemaOf(expression));
    if (hasProperties(sent)) return finished(sent, 'response');
  }
  const written = firstWrite(node, tracer, checker, entities);
  const parameters = parametersSchema(route.path, written?.table);
  if (written !== null && hasProperties(written.schema)) {
    const parts = written.isWhole ? [written.schema] : [parameters, written.schema];
    return finished(parts.length === 1 ? written.schema : merge(parts.filter(hasProperties)), 'entity');
  }
  const body = requestSchema(node, shape, validatorsOf(route.handlers), tracer);
  const asked = merge([parameters, body].filter(hasProperties));
  return hasProperties(asked) ? finished(asked, 'request') : NO_PAYLOAD;
}

function finished(schema: JsonSchema, source: Mutation['payloadSource']): Payload {
  const stripped = withoutSecrets(schema);
  if (!hasProperties(stripped.schema)) return { schema: null, source: 'none', sensitive: stripped.sensitive };
  return { schema: stripped.schema, source, sensitive: stripped.sensitive };
}

/** Properties that wrap an answer without being part of the resource. */
const WRAPPING = /^(?:success|ok|message|msg|status|statusCode|code|error|errors|timestamp|meta)$/;

/** `{ article: … }` and `{ success: true, data: … }` are envelopes of HTTP; the event has its own. */
function unwrapped(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema.properties ?? {}).filter(([name]) => !WRAPPING.test(name));
  const [only] = entries;
  if (only === undefined) return ANYTHING;
  const [, inner] = only;
  return entries.length === 1 && inner.type === 'object' && hasProperties(inner) ? unwrapped(inner) : schema;
}

const ENTITY_WRITE =
  /^(?:create|insert|insertOne|save|update|updateOne|upsert|findByIdAndUpdate|findOneAndUpdate)$/;

interface Written {
  readonly schema: JsonSchema;
  /** The table behind it, where the project defines it. */
  readonly table: JsonSchema | undefined;
  /** The schema is of the whole row, and not of the columns that were set. */
  readonly isWhole: boolean;
}

/** What the handler, or what it calls, writes first: the thing itself; later writes keep the books. */
function firstWrite(
  handler: ts.FunctionLikeDeclaration,
  tracer: Tracer,
  checker: ts.TypeChecker,
  entities: Entities,
): Written | null {
  const seen = new Set<ts.Node>();
  const search = (node: ts.Node, depth: number): Written | null => {
    if (ts.isCallExpression(node)) {
      const written = writtenBy(node, tracer, checker, entities);
      if (written !== null) return written;
      const called = depth < MAX_WRITE_DEPTH ? tracer.calledFunction(node) : null;
      if (called !== null && !seen.has(called)) {
        seen.add(called);
        const inside = search(called, depth + 1);
        if (inside !== null) return inside;
      }
    }
    return ts.forEachChild(node, (child) => search(child, depth) ?? undefined) ?? null;
  };
  return search(handler, 0);
}

function writtenBy(
  call: ts.CallExpression,
  tracer: Tracer,
  checker: ts.TypeChecker,
  entities: Entities,
): Written | null {
  if (!ts.isPropertyAccessExpression(call.expression)) return null;
  const [argument] = call.arguments;
  const write = sqlWriteOf(argument);
  if (write !== null) {
    const [typeNode] = call.typeArguments ?? [];
    const typed =
      typeNode === undefined ? null : schemaOfType(checker, checker.getTypeFromTypeNode(typeNode));
    return {
      schema: typed ?? rowOfSql(argument, entities) ?? ANYTHING,
      table: entities.get(write.table),
      isWhole: typed !== null || write.returning !== null,
    };
  }
  if (!ENTITY_WRITE.test(call.expression.name.text)) return null;
  const schema = tracer.schemaOf(call);
  return hasProperties(schema) ? { schema, table: undefined, isWhole: true } : null;
}
