import type { HandlerShape } from '../frameworks/framework.ts';
import { declaredBody, declaredResponse } from './declared.ts';
import { readEntities } from './entities.ts';
import { identified, isIdentified, isIdentifier, isTelling, unwrapped } from './answers.ts';
import { helperAnswers } from './helper-answers.ts';
import type { Inquiry } from './inquiry.ts';
import { descends } from './nesting.ts';
import { originOf, type PayloadOrigin } from './payload-evidence.ts';
import { ts, type Project, type TypedView } from './project.ts';
import { withoutRelations } from './relations.ts';
import type { JsonSchema, Mutation, MutationKind } from './report.ts';
import { bodyRead, parametersSchema, queryRead } from './request.ts';
import type { FlatRoute } from './route-graph.ts';
import type { Entities } from './rows.ts';
import {
  ANYTHING,
  fillGaps,
  hasKnownProperties,
  hasProperties,
  merge,
  objectSchema,
  only,
} from './schemas.ts';
import { isAboutSecret, withoutSecrets } from './sensitive.ts';
import { createTracer } from './trace.ts';
import type { Tracer } from './tracer.ts';
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
  /** What it was read off, told when asked. */
  readonly origin?: () => PayloadOrigin;
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
  const context = openTracing(project, inquiry);
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

/** What values of a project's code are, and what that is known from. */
export interface Tracing {
  readonly tracer: Tracer;
  readonly view: TypedView;
  readonly entities: Entities;
  readonly reader: SchemaReader;
  readonly inquiry: Inquiry;
}

export function openTracing(project: Project, inquiry: Inquiry): Tracing {
  const view = project.typed();
  const entities = readEntities(project);
  const reader = createSchemaReader({
    named: (name) => inquiry.registeredSchema(name),
    packaged: (value) => inquiry.packaged(value),
    instance: (type) => {
      const node = view.find(type.node);
      return node === null ? ANYTHING : schemaOfType(view.checker, view.checker.getTypeAtLocation(node));
    },
  });
  return { tracer: createTracer(view, entities, reader, inquiry), view, entities, reader, inquiry };
}

/** A handler is null where the function that runs was not found: then only what the registration says is known. */
function payloadOf(
  handler: FunctionValue | null,
  route: FlatRoute,
  shape: HandlerShape,
  context: Tracing,
): Payload {
  const { tracer, view, entities, reader } = context;
  const node = handler === null ? null : view.find(handler.node);
  const from = (origin: () => PayloadOrigin, payload: Payload | null): Payload | null =>
    payload === null ? null : { ...payload, origin };
  const typedAt = (at: ts.Node) => (): PayloadOrigin => originOf(view.checker, at);
  const registered = (): PayloadOrigin => ({ node: route.site.node, types: [] });
  const sent = [{ schema: declaredResponse(route.declares, reader), origin: registered }];
  if (node !== null) {
    sent.push({ schema: tracer.declaredReturn(node), origin: typedAt(node.type ?? node) });
    for (const expression of shape.responses(node)) {
      sent.push({ schema: tracer.schemaOf(expression), origin: typedAt(expression) });
    }
    for (const schema of helperAnswers(node, shape, tracer))
      sent.push({ schema, origin: () => ({ node, types: [] }) });
  }
  const told = sent
    .map(({ schema, origin }) => ({ schema: unwrapped(schema), origin }))
    .filter(({ schema }) => isTelling(schema));
  const answers = told.map(({ schema }) => schema);
  const isSecret = isAboutSecret(route.path);
  const finished = (schema: JsonSchema, source: Mutation['payloadSource']): Payload | null =>
    finish(schema, source, isSecret);
  const answer = told.find(({ schema }) => schema.type !== 'array' && !isIdentifier(schema));
  const requested = once(() => requestSchema(handler, node, route, shape, context));
  if (answer !== undefined && finished(answer.schema, 'response') !== null) {
    const parameters = parametersSchema(route.path);
    // `POST /orders.move` names in its body what other paths name.
    const isNamed = hasProperties(parameters) || isIdentified(answer.schema);
    const naming = isNamed ? parameters : identifiersOf(requested().schema);
    const found = from(answer.origin, finished(identified(answer.schema, naming), 'response'));
    if (found !== null) return found;
  }
  const written = node === null ? null : mainWrite(node, route, tracer, view.checker, entities);
  const located = parametersSchema(route.path, written?.table, node ?? undefined);
  const identifier = answers.find(isIdentifier);
  const joined = (...parts: JsonSchema[]): JsonSchema => {
    const known = [...parts, identifier ?? ANYTHING].filter(hasProperties);
    return known.length === 1 ? (known[0] ?? ANYTHING) : merge(known);
  };
  if (written !== null && hasKnownProperties(written.schema)) {
    const whole = written.isWhole ? written.schema : joined(located, written.schema);
    const found = from(typedAt(written.call), finished(withoutRelations(whole), 'entity'));
    if (found !== null) return found;
  }
  const { schema: body, isRegistered } = requested();
  const table = written?.table;
  const asked = table === undefined || !hasProperties(body) ? body : fillGaps(body, table);
  const bodyNode = node === null || isRegistered ? null : bodyIn(node, shape);
  const read = bodyNode === null ? registered : typedAt(bodyNode);
  const whole = joined(located, asked);
  const fromRequest = from(read, finished(whole, 'request'));
  // `POST /me/close` with a code that confirms it: of what goes, the row tells more.
  if (written !== null && table !== undefined && written.isDelete && !isIdentified(whole)) {
    const row = from(typedAt(written.call), finished(withoutRelations(table), 'entity'));
    if (row !== null && !hasProperties(located)) return row;
  }
  const listed = told.find(({ schema }) => schema.type === 'array');
  // What goes is named by its path, and not by a list of what is left.
  const isNamed = route.method === 'DELETE' && hasProperties(located);
  if (listed !== undefined && !hasProperties(asked) && !isNamed) {
    return from(listed.origin, finished(listed.schema, 'response')) ?? fromRequest ?? NO_PAYLOAD;
  }
  if (fromRequest !== null) return fromRequest;
  // `DELETE /me`: of what goes, the row is all that is known.
  const row = table === undefined ? null : finished(withoutRelations(table), 'entity');
  return (written === null ? row : from(typedAt(written.call), row)) ?? secretsOnly(whole);
}

interface Asked {
  readonly schema: JsonSchema;
  /** Said where the route is registered, and not in its handler. */
  readonly isRegistered: boolean;
}

/** The first place where the request's body is read. */
function bodyIn(handler: ts.FunctionLikeDeclaration, shape: HandlerShape): ts.Node | null {
  const search = (node: ts.Node): ts.Node | undefined =>
    ts.isExpression(node) && shape.isRequestBody(node, handler) ? node : ts.forEachChild(node, search);
  return search(handler) ?? null;
}

/** What the request's body must be: as declared, as checked, as typed, as read. */
function requestSchema(
  handler: FunctionValue | null,
  node: ts.FunctionLikeDeclaration | null,
  route: FlatRoute,
  shape: HandlerShape,
  { tracer, reader, inquiry }: Tracing,
): Asked {
  const declared = declaredBody(route.declares, reader);
  if (hasProperties(declared)) return { schema: declared, isRegistered: true };
  const before = validatorsOf(route.handlers, reader).find(hasProperties);
  if (before !== undefined) return { schema: before, isRegistered: true };
  if (handler === null || node === null) return { schema: ANYTHING, isRegistered: true };
  const isRequest = mentionsRequest(handler.node.parameters[0]?.name);
  // What goes is named by its path; what else a handler checks then is of the request as a whole.
  const isNamed = route.method === 'DELETE' && route.path.includes(':');
  const checked = isNamed ? [] : checkedInside(handler, isRequest, inquiry, reader);
  const validated = checked.find(hasProperties);
  const read = bodyRead(node, shape, tracer);
  const body = validated === undefined || isOfOther(validated, read) ? read : validated;
  const isUnnamed = route.method === 'DELETE' && !isNamed && !hasProperties(body);
  return { schema: isUnnamed ? queryRead(node, tracer) : body, isRegistered: false };
}

/** By the name of the parameter, or of what is taken out of it: `({ request, params }) => …` */
function mentionsRequest(name: ts.BindingName | undefined): (text: string) => boolean {
  const taken = name !== undefined && ts.isObjectBindingPattern(name) ? name.elements : [];
  const names = [
    ...(name !== undefined && ts.isIdentifier(name) ? [name.text] : []),
    ...taken.flatMap((element) =>
      /^(?:req|request)$/.test((element.propertyName ?? element.name).getText())
        ? [element.name.getText()]
        : [],
    ),
    'body',
    'Body',
  ];
  const pattern = new RegExp(`\\b(?:${names.map(escaped).join('|')})\\b`);
  return (text) => pattern.test(text);
}

/** What is checked has nothing of what is read of the body: it is the path's parameters, or a session. */
function isOfOther(checked: JsonSchema, read: JsonSchema): boolean {
  if (checked.properties === undefined || read.properties === undefined || !hasProperties(read)) return false;
  const { properties } = checked;
  return !Object.keys(read.properties).some((name) => Object.hasOwn(properties, name));
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | null = null;
  return () => (known ??= { value: compute() }).value;
}

/** The properties of a request without which nobody knows what it is about. */
function identifiersOf(schema: JsonSchema): JsonSchema {
  const names = schema.required?.filter((name) => isIdentified(objectSchema({ [name]: ANYTHING }))) ?? [];
  return names.length === 0 ? ANYTHING : only(schema, names);
}

function escaped(name: string): string {
  return name.replaceAll(/[^\w]/g, '\\$&');
}

function finish(schema: JsonSchema, source: Mutation['payloadSource'], isOfSecret: boolean): Payload | null {
  const stripped = withoutSecrets(schema, isOfSecret);
  return hasProperties(stripped.schema)
    ? { schema: stripped.schema, source, sensitive: stripped.sensitive }
    : null;
}

function secretsOnly(schema: JsonSchema): Payload {
  return { ...NO_PAYLOAD, sensitive: withoutSecrets(schema).sensitive };
}
