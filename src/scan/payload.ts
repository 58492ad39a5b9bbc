import type { HandlerShape } from '../frameworks/framework.ts';
import { readEntities } from './entities.ts';
import { ts, type Project } from './project.ts';
import type { JsonSchema, Mutation, MutationKind } from './report.ts';
import { parametersSchema, requestSchema, validatorsOf } from './request.ts';
import type { FlatRoute } from './route-graph.ts';
import { ANYTHING, hasProperties, merge } from './schemas.ts';
import { withoutSecrets } from './sensitive.ts';
import { createTracer, rowOfSql, type Entities, type Tracer } from './trace.ts';
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
  const view = project.typed([...new Set(kept.map((handler) => handler.node.getSourceFile().fileName))]);
  const entities = readEntities(project);
  const tracer = createTracer(view, entities);
  const known = new Map<ts.Node, Payload>();
  return routes.map(({ route, handler, shape, kind }) => {
    if (handler === null || shape === undefined || kind !== 'mutation') return NO_PAYLOAD;
    const isSimple = known.get(handler.node);
    if (isSimple !== undefined) return isSimple;
    const node = view.find(handler.node);
    if (node === null) return NO_PAYLOAD;
    const payload = payloadOf(node, route, shape, tracer, view.checker, entities);
    known.set(handler.node, payload);
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
  const entity = writtenEntity(node, tracer, checker, entities);
  if (entity !== null) return finished(entity, 'entity');
  const body = requestSchema(node, shape, validatorsOf(route.handlers), tracer);
  const asked = merge([parametersSchema(route.path), body].filter(hasProperties));
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

/** The row or record that the handler, or what it calls, writes. */
function writtenEntity(
  handler: ts.FunctionLikeDeclaration,
  tracer: Tracer,
  checker: ts.TypeChecker,
  entities: Entities,
): JsonSchema | null {
  const seen = new Set<ts.Node>();
  let found: JsonSchema | null = null;
  const visit = (node: ts.Node, depth: number): void => {
    if (ts.isCallExpression(node)) {
      const written = writtenBy(node, tracer, checker, entities);
      // The first write is the thing itself; later ones keep the books.
      if (written !== null && hasProperties(written)) found ??= written;
      const called = depth < MAX_WRITE_DEPTH ? tracer.calledFunction(node) : null;
      if (called !== null && !seen.has(called)) {
        seen.add(called);
        visit(called, depth + 1);
      }
    }
    ts.forEachChild(node, (child) => visit(child, depth));
  };
  visit(handler, 0);
  return found;
}

function writtenBy(
  call: ts.CallExpression,
  tracer: Tracer,
  checker: ts.TypeChecker,
  entities: Entities,
): JsonSchema | null {
  if (!ts.isPropertyAccessExpression(call.expression)) return null;
  const row = rowOfSql(call.arguments[0], entities);
  if (row !== null) {
    const [typeNode] = call.typeArguments ?? [];
    return typeNode === undefined ? row : schemaOfType(checker, checker.getTypeFromTypeNode(typeNode));
  }
  return ENTITY_WRITE.test(call.expression.name.text) ? tracer.schemaOf(call) : null;
}
