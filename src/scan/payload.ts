import type { HandlerShape } from '../frameworks/framework.ts';
import { declaredBody, declaredResponse } from './declared.ts';
import { readEntities } from './entities.ts';
import { identified, isIdentifier, isTelling, unwrapped } from './answers.ts';
import { helperAnswers } from './helper-answers.ts';
import type { Inquiry } from './inquiry.ts';
import { descends } from './nesting.ts';
import type { Project, ts, TypedView } from './project.ts';
import { withoutRelations } from './relations.ts';
import type { JsonSchema, Mutation, MutationKind } from './report.ts';
import { bodyRead, parametersSchema, queryRead } from './request.ts';
import type { FlatRoute } from './route-graph.ts';
import type { Entities } from './rows.ts';
import { ANYTHING, fillGaps, hasProperties, merge } from './schemas.ts';
import { withoutSecrets } from './sensitive.ts';
import { createTracer, type Tracer } from './trace.ts';
import { schemaOfType } from './type-schema.ts';
import { checkedInside, validatorsOf } from './validators.ts';
import { mainWrite } from './writes.ts';
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

/**
 * The data of each route's event: what its handler sends on success, else the entity it writes, else what it
 * was asked. Secrets are left out, since events travel further than responses. Types are computed for
 * proposed mutations only.
 */
export function payloadsOf(
  project: Project,
  routes: readonly RouteHandler[],
  inquiry: Inquiry,
  onHandler: (done: number) => void = () => {},
): Payload[] {
  if (!routes.some(({ kind }) => kind === 'mutation')) return routes.map(() => NO_PAYLOAD);
  const view = project.typed();
  const entities = readEntities(project);
  const reader = createSchemaReader({
    named: (name) => inquiry.registeredSchema(name),
    instance: (type) => {
      const node = view.find(type.node);
      return node === null ? ANYTHING : schemaOfType(view.checker, view.checker.getTypeAtLocation(node));
    },
  });
  const context: Context = {
    tracer: createTracer(view, entities, reader, inquiry),
    view,
    entities,
    reader,
    inquiry,
  };
  const known = new Map<string, Payload>();
  return routes.map((item, done) => {
    onHandler(done);
    const { route, handler, shape, kind } = item;
    if (shape === undefined || kind !== 'mutation') return NO_PAYLOAD;
    // The same registration reached under several prefixes.
    const key = [handler?.node, route.site.node]
      .map((node) => (node === undefined ? '' : `${node.getSourceFile().fileName}:${node.pos}`))
      .join();
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    let payload = NO_PAYLOAD;
    descends(() => {
      payload = payloadOf(handler, route, shape, context);
    });
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
  if (node !== null) sent.push(tracer.declaredReturn(node));
  if (node !== null) for (const expression of shape.responses(node)) sent.push(tracer.schemaOf(expression));
  if (node !== null) sent.push(...helperAnswers(node, tracer));
  const answers = sent.map(unwrapped).filter(isTelling);
  const answer = answers.find((schema) => schema.type !== 'array' && !isIdentifier(schema));
  const parameters = parametersSchema(route.path, undefined);
  if (answer !== undefined) {
    const found = finished(identified(answer, parameters), 'response');
    if (found !== null) return found;
  }
  const written = node === null ? null : mainWrite(node, route, tracer, view.checker, entities);
  const located = parametersSchema(route.path, written?.table);
  const identifier = answers.find(isIdentifier);
  const joined = (...parts: JsonSchema[]): JsonSchema => {
    const known = [...parts, identifier ?? ANYTHING].filter(hasProperties);
    return known.length === 1 ? (known[0] ?? ANYTHING) : merge(known);
  };
  if (written !== null && hasProperties(written.schema)) {
    const whole = written.isWhole ? written.schema : joined(located, written.schema);
    const found = finished(withoutRelations(whole), 'entity');
    if (found !== null) return found;
  }
  const body = requestSchema(handler, node, route, shape, context);
  const table = written?.table;
  const asked = table === undefined || !hasProperties(body) ? body : fillGaps(body, table);
  const fromRequest = finished(joined(located, asked), 'request');
  const listed = answers.find((schema) => schema.type === 'array');
  // What goes is named by its path, and not by a list of what is left.
  const isNamed = route.method === 'DELETE' && hasProperties(located);
  if (listed !== undefined && !hasProperties(asked) && !isNamed) {
    return finished(listed, 'response') ?? fromRequest ?? NO_PAYLOAD;
  }
  if (fromRequest !== null) return fromRequest;
  // `DELETE /me`: of what goes, the row is all that is known.
  return (
    (table === undefined ? null : finished(withoutRelations(table), 'entity')) ??
    secretsOnly(joined(located, asked))
  );
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
  // What goes is named by its path; what else a handler checks then is of the request as a whole.
  const isNamed = route.method === 'DELETE' && route.path.includes(':');
  const checked = isNamed ? [] : checkedInside(handler, isRequest, inquiry, reader);
  const body = checked.find(hasProperties) ?? bodyRead(node, shape, tracer);
  const isUnnamed = route.method === 'DELETE' && !isNamed && !hasProperties(body);
  return isUnnamed ? queryRead(node, tracer) : body;
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
