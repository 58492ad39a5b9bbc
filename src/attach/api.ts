import { EvtgenError } from '../ui/errors.ts';

/** The HTTP API of the kernel, wherever it is answered. */
export interface Api {
  /** Where that is, for messages. */
  readonly place: string;
  /**
   * @param path below the base path, such as `/events?limit=5`
   * @returns the body of the answer; undefined when it has none
   * @throws ApiProblem when the answer is not a success, EvtgenError when there is none
   */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** An answer that is not a success. */
export class ApiProblem extends EvtgenError {
  readonly status: number;
  /** What the answer said of it. */
  readonly detail: string;
  /** What exactly was wrong with the request. */
  readonly details: readonly string[];

  constructor(
    status: number,
    code: string,
    message: string,
    options: {
      readonly detail?: string;
      readonly details?: readonly string[];
      readonly hint?: string | undefined;
    } = {},
  ) {
    super(code, message, { hint: options.hint });
    this.status = status;
    this.detail = options.detail ?? message;
    this.details = options.details ?? [];
  }
}

/** Gives a request to whoever answers it. */
export type Send = (request: Request) => Promise<Response>;

export interface ApiOptions {
  readonly place: string;
  /** What stands before every path. */
  readonly base: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly send: Send;
  readonly close?: (() => Promise<void>) | undefined;
}

export function createApi({ place, base, headers, send, close }: ApiOptions): Api {
  return {
    place,
    async call(method, path, body): Promise<unknown> {
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const response = await send(
        new Request(base + path, {
          method,
          headers: { accept: 'application/json', ...headers, ...json },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      return read(response, `${method} ${path.split('?', 1)[0]} at ${place}`);
    },
    close: async () => close?.(),
  };
}

async function read(response: Response, what: string): Promise<unknown> {
  const text = await response.text();
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/.test(response.headers.get('content-type') ?? '');
  if (response.ok && text === '') return undefined;
  const body = isJson ? (JSON.parse(text) as unknown) : undefined;
  if (response.ok && body !== undefined) return body;
  throw problemOf(response, body, what);
}

function problemOf({ status, ok }: Response, body: unknown, what: string): EvtgenError {
  const { code, detail, errors } = (body ?? {}) as {
    readonly code?: unknown;
    readonly detail?: unknown;
    readonly errors?: unknown;
  };
  if (typeof code !== 'string' || typeof detail !== 'string') {
    const answer = ok ? 'with something that is no JSON' : `${status}`;
    return new ApiProblem(status, 'unexpected_answer', `${what} was answered ${answer}`, {
      hint: 'is that where the event routes are mounted? --url takes the base path too, such as http://localhost:3000/api',
    });
  }
  const details = Array.isArray(errors)
    ? errors.map(
        (each: { pointer?: unknown; detail?: unknown }) => `${String(each.pointer)} ${String(each.detail)}`,
      )
    : [];
  const hint =
    status === 401 || status === 403 ? `--header 'authorization: Bearer ...' says who you are` : undefined;
  return new ApiProblem(status, code, `${what} was refused: ${detail}`, { detail, details, hint });
}
