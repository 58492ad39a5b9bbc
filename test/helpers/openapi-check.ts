import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Handler } from '../../src/kernel/http-api.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly tenant?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface OpenApiOperation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >;
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly requestText: string | undefined;
  readonly answer: { readonly status: number; readonly headers: Headers; readonly body: unknown };
  readonly hasBody: boolean;
}

interface OpenApiCheck {
  /** Fails the test unless the document declares this answer, down to the last member. */
  answered(exchange: Exchange): void;
  /** Statuses by operation. */
  seen(): ReadonlyMap<string, ReadonlySet<number>>;
}

export async function readOpenApi(handler: Handler, basePath = '/webhooks'): Promise<OpenApiDocument> {
  const url = `http://localhost${basePath}/openapi.json`;
  const request = new Request(url, { headers: { 'x-tenant': 'acme' } });
  return (await (await handler(request)).json()) as OpenApiDocument;
}

/** Holds what an API answers against the OpenAPI document that it serves. */
async function createOpenApiCheck(handler: Handler, basePath: string): Promise<OpenApiCheck> {
  const document = await readOpenApi(handler, basePath);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Clients must bear members that they do not know; here one that is not declared is a mistake.
  ajv.addSchema({ $id: 'answers:', components: closed(document.components) as object });
  ajv.addSchema({ $id: 'requests:', components: document.components });
  const seen = new Map<string, Set<number>>();

  function validate(what: string, base: string, schema: unknown, value: unknown): void {
    const { $ref } = schema as { $ref: string };
    const check = ajv.getSchema(base + $ref);
    if (check === undefined) throw new Error(`the document has no ${$ref}`);
    const isValid = check(value);
    assert(isValid, `${what}: ${ajv.errorsText(check.errors)} in ${JSON.stringify(value)}`);
  }

  return {
    seen: () => seen,

    answered({ method, path, requestText, answer, hasBody }): void {
      const { status, headers, body } = answer;
      const pathname = path.replace(/\?.*$/, '').replace(/\/$/, '');
      const [template] = Object.keys(document.paths)
        .filter((known) => new RegExp(`^${known.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname))
        .sort((left, right) => left.split('{').length - right.split('{').length);
      const operation =
        template === undefined
          ? undefined
          : document.paths[template]?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
      const what = `${method} ${path} ${status}`;
      if (operation === undefined) {
        assert([204, 404, 405].includes(status), what);
        return;
      }
      seen.set(operation.operationId, (seen.get(operation.operationId) ?? new Set()).add(status));
      const declared = operation.responses[String(status)];
      assert(declared !== undefined, `${what} is not declared`);
      if (method === 'HEAD' || declared.content === undefined) {
        assert(hasBody === false, `${what} has a body`);
        return;
      }
      const [mediaType] = (headers.get('content-type') ?? '').split(';');
      const content = declared.content[mediaType ?? ''];
      assert(content !== undefined, `${what} is ${mediaType}`);
      validate(what, 'answers:', content.schema, body);
      const accepted = Object.values(operation.requestBody?.content ?? {})[0];
      if (status < 300 && accepted !== undefined) {
        validate(`request of ${what}`, 'requests:', accepted.schema, JSON.parse(requestText ?? '{}'));
      }
    },
  };
}

/** Calls an API, as `acme` unless told otherwise, and holds every answer against the API's own OpenAPI document. */
export function createCheckedCaller(handler: Handler, basePath: string) {
  let check: OpenApiCheck | undefined;

  async function call(method: string, path: string, given: CallOptions = {}): Promise<Answer> {
    check ??= await createOpenApiCheck(handler, basePath);
    const headers = new Headers({ 'x-tenant': given.tenant ?? 'acme', ...given.headers });
    const isText = typeof given.body === 'string';
    if (given.body !== undefined && headers.has('content-type') === false) {
      headers.set('content-type', 'application/json');
    }
    const body =
      given.body === undefined || isText ? (given.body as string | undefined) : JSON.stringify(given.body);
    const response = await handler(
      new Request(`http://localhost${path}`, { method, headers, body: body ?? null }),
    );
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const text = isStream ? '""' : await response.text();
    if (isStream) await response.body?.cancel();
    const answer = {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as Json),
    };
    check.answered({ method, path, requestText: body, answer, hasBody: text !== '' });
    return answer;
  }

  /** What was answered so far: statuses by operation. */
  const seen = (): ReadonlyMap<string, ReadonlySet<number>> => check?.seen() ?? new Map();

  return { call, seen };
}

/** The same schemas with nothing allowed that they do not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)] as const);
  const copy: Record<string, unknown> = Object.fromEntries(entries);
  const isOpen = copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  return isOpen ? { ...copy, additionalProperties: false } : copy;
}
