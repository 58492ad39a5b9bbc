import type { HandlerShape } from '../frameworks/framework.ts';
import { declaredBody, declaredResponse } from './declared.ts';
import { readEntities } from './entities.ts';
import { identified, isIdentifier, isTelling, unwrapped } from './answers.ts';
import type { Inquiry } from './inquiry.ts';
import { ts, type Project, type TypedView } from './project.ts';
import type { JsonSchema, Mutation, MutationKind } from './report.ts';
import { bodyRead, parametersSchema } from './request.ts';
import type { FlatRoute } from './route-graph.ts';
import { rowOfSql, sqlWriteOf, type Entities } from './rows.ts';
import { ANYTHING, fillGaps, hasProperties, merge } from './schemas.ts';
import { withoutSecrets } from './sensitive.ts';
import { createTracer, type Tracer } from './trace.ts';
import { schemaOfType } from './type-schema.ts';
import { checkedInside, validatorsOf } from './validators.ts';
import { createSchemaReader, type SchemaReader } from './value-schemas/index.ts';
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
export function payloadsOf(project: Project, routes: readonly RouteHandler[], inquiry: Inquiry): Payload[] {
  const kept = routes.flatMap(({ handler, kind }) =>
    handler === null || kind !== 'mutation' ? [] : [handler],
  );
  if (!routes.some(({ kind }) => kind === 'mutation')) return routes.map(() => NO_PAYLOAD);
  const view = project.typed([...new Set(kept.map((handler) => handler.node.getSourceFile().fileName))]);
  const entities = readEntities(project);
  const reader = createSchemaReader({
    named: (name) => inquiry.registeredSchema(name),
    instance: (type) => {
      const node = view.find(type.node);
      return node === null ? ANYTHING : schemaOfType(view.checker, view.checker.getTypeAtLocation(node));
    },
  });
  const context: Context = { tracer: createTracer(view, entities), view, entities, reader, inquiry };
  const known = new Map<string, Payload>();
  return routes.map((item) => {
    const { route, handler, shape, kind } = item;
    if (shape === undefined || kind !== 'mutation') return NO_PAYLOAD;
    // The same registration reached under several prefixes.
    const key = [handler?.node, route.site.node]
      .map((node) => (node === undefined ? '' : `${node.getSourceFile().fileName}:${node.pos}`))
      .join();
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    const payload = payloadOf(handler, route, shape, context);
    known.set(key, payload);
    return payload;
  });
}

interface Context {
  readonly tracer: Tracer;
  readonly view: TypedView;
  readonly entities: Entities;
  readonly reader: SchemaReader;
  readonly inquiry: Inquiry;
}

/** A handler is null where the function that runs was not found: then only what the registration says is known. */
function payloadOf(
  handler: FunctionValue | null,
  route: FlatRoute,
  shape: HandlerShape,
  context: Context,
): Payload {
  const { tracer, view, entities, reader } = context;
  const node = handler === null ? null : view.find(handler.node);
  const sent = [declaredResponse(route.declares, reader)];
  if (node !== null) for (const expression of shape.responses(node)) sent.push(tracer.schemaOf(expression));
  const answers = sent.map(unwrapped).filter(isTelling);
  const answer = answers.find((schema) => schema.type !== 'array' && !isIdentifier(schema));
  const parameters = parametersSchema(route.path, undefined);
  if (answer !== undefined) {
    const found = finished(identified(answer, parameters), 'response');
    if (found !== null) return found;
  }
  const written = node === null ? null : firstWrite(node, tracer, view.checker, entities);
  const located = parametersSchema(route.path, written?.table);
  const identifier = answers.find(isIdentifier);
  const joined = (...parts: JsonSchema[]): JsonSchema => {
    const known = [...parts, identifier ?? ANYTHING].filter(hasProperties);
    return known.length === 1 ? (known[0] ?? ANYTHING) : merge(known);
  };
  if (written !== null && hasProperties(written.schema)) {
    const whole = written.isWhole ? written.schema : joined(located, written.schema);
    const found = finished(whole, 'entity');
    if (found !== null) return found;
  }
  const body = requestSchema(handler, node, route, shape, context);
  const table = written?.table;
  const asked = table === undefined ? body : fillGaps(body, table);
  const fromRequest = finished(joined(located, asked), 'request');
  const listed = answers.find((schema) => schema.type === 'array');
  if (listed !== undefined && !hasProperties(asked)) {
    return finished(listed, 'response') ?? fromRequest ?? NO_PAYLOAD;
  }
  return fromRequest ?? secretsOnly(joined(located, asked));
}

/** What the request's body must be: as declared, as checked, as typed, as read. */
function requestSchema(
  handler: FunctionValue | null,
  node: ts.FunctionLikeDeclaration | null,
  route: FlatRoute,
  shape: HandlerShape,
  { tracer, reader, inquiry }: Context,
): JsonSchema {
  const declared = declaredBody(route.declares, reader);
  if (hasProperties(declared)) return declared;
  const validated = validatorsOf(route.handlers, reader).find(hasProperties);
  if (validated !== undefined) return validated;
  if (handler === null || node === null) return ANYTHING;
  const request = handler.node.parameters[0]?.name.getText() ?? '';
  const isRequest = (text: string): boolean =>
    (request !== '' && new RegExp(`\\b${escaped(request)}\\b`).test(text)) || /\bbody\b/i.test(text);
  const checked = checkedInside(handler, isRequest, inquiry, reader).find(hasProperties);
  return checked ?? bodyRead(node, shape, tracer);
}

function escaped(name: string): string {
  return name.replaceAll(/[^\w]/g, '\\$&');
}

function finished(schema: JsonSchema, source: Mutation['payloadSource']): Payload | null {
  const stripped = withoutSecrets(schema);
  return hasProperties(stripped.schema)
    ? { schema: stripped.schema, source, sensitive: stripped.sensitive }
    : null;
}

function secretsOnly(schema: JsonSchema): Payload {
  return { ...NO_PAYLOAD, sensitive: withoutSecrets(schema).sensitive };
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
