import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeError } from './describe-error.ts';
import type { Logger } from './ports.ts';
import { handleProblems, internalError, PROBLEM_TYPE, problemBody, ProblemError } from './problem.ts';
import { stderrLogger } from './stderr-logger.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/** What node:http calls for a request, and Express as a route handler or middleware. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void;

/** What Express and body parsers add to a request of node:http. */
interface NodeRequest extends IncomingMessage {
  readonly originalUrl?: string;
  readonly body?: unknown;
}

/** Lets a `Request => Response` handler answer on node:http, Express and everything built like them. */
export function nodeListener(
  handler: (request: Request) => Promise<Response>,
  options: { readonly logger?: Logger | undefined } = {},
): NodeListener {
  const { logger = stderrLogger } = options;
  return respondTo(async (incoming, outgoing) => {
    const { signal } = watchClient(outgoing);
    const response = await handleProblems(() => handler(toRequest(incoming, signal)));
    // Who left meanwhile is not heard of again, and a stream would wait for ever.
    if (signal.aborted && response.body !== null) await response.body.cancel();
    else await sendResponse(response, incoming, outgoing);
  }, logger);
}

/** A listener whose failures are logged and answered with 500 and no detail. */
export function respondTo(
  respond: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
  logger: Logger | undefined,
): NodeListener {
  function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    respond(incoming, outgoing).catch((error: unknown) => {
      if (logger !== undefined) {
        logger.error(`${incoming.method} ${incoming.url} failed`, { error: describeError(error) });
      }
      // Once the answer has begun, only the connection can tell the client.
      if (outgoing.headersSent) {
        outgoing.destroy();
        return;
      }
      outgoing.writeHead(500, { 'content-type': PROBLEM_TYPE }).end(problemBody(internalError));
    });
  }

  return (incoming, outgoing) => {
    // The answer to a pipelined request has no socket before its turn, and is not told if that never comes.
    if (outgoing.socket === null) outgoing.once('socket', () => answer(incoming, outgoing));
    else answer(incoming, outgoing);
  };
}

/** Tells whether the client goes away before it has its answer. */
export interface ClientWatch {
  readonly signal: AbortSignal;
  /** Stops watching, so that a long answer does not keep the request in memory. */
  release(): void;
}

export function watchClient(outgoing: ServerResponse): ClientWatch {
  const gone = new AbortController();
  const abort = (): void => {
    if (outgoing.writableFinished === false) gone.abort();
  };
  outgoing.on('close', abort);
  return { signal: gone.signal, release: () => void outgoing.off('close', abort) };
}

/**
 * The request as the web knows it.
 * @param signal of the request, for when the client goes away
 * @throws ProblemError 400 for a target that is no URL, 405 for a method that a `Request` cannot have
 */
export function toRequest(incoming: NodeRequest, signal?: AbortSignal | undefined): Request {
  const method = incoming.method ?? 'GET';
  if (/^(?:CONNECT|TRACE|TRACK)$/.test(method)) {
    throw new ProblemError({ status: 405, code: 'method_not_allowed', detail: `${method} is not supported` });
  }
  const common = { method, headers: headersOf(incoming), ...(signal === undefined ? {} : { signal }) };
  const url = urlOf(incoming);
  if (method === 'GET' || method === 'HEAD') return new Request(url, common);
  // Older DOM typings do not know `duplex`, which streamed bodies need; in a literal they would refuse it.
  const init = { ...common, body: bodyOf(incoming), duplex: 'half' as const };
  return new Request(url, init);
}

/** Writes a response out at the pace of the client; gives up when it goes away. */
export async function sendResponse(
  response: Response,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  // What is left of a body that nobody wants must not be taken for the next request.
  if (incoming.complete === false) outgoing.setHeader('connection', 'close');
  if (response.body === null || incoming.method === 'HEAD') {
    if (response.body !== null) await response.body.cancel();
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  const closed = new Promise<void>((resolve) => outgoing.once('close', resolve));
  void closed.then(() => reader.cancel()).catch(() => outgoing.destroy());
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) break;
    if (outgoing.write(value) === false) {
      const drained = new Promise<void>((resolve) => outgoing.once('drain', resolve));
      // The body may also fail meanwhile, by cutting off a client that takes nothing.
      await Promise.race([drained, closed, reader.closed]);
    }
  }
  outgoing.end();
}

function urlOf(incoming: NodeRequest): string {
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http';
  // Express takes the mount path out of `url`.
  const target = incoming.originalUrl ?? incoming.url ?? '/';
  const { host = 'localhost' } = incoming.headers;
  const origin = `${scheme}://${host}`;
  const text = target.startsWith('/') ? `${origin}${target}` : target;
  // A host with more in it would change the path, and what `authorize` sees of it, to something else.
  if (/[/?#@\\]/.test(host) || URL.canParse(text) === false || new URL(text).username !== '') {
    throw new ProblemError({ status: 400, code: 'bad_target', detail: 'the request target is not a URL' });
  }
  return text;
}

function headersOf(incoming: IncomingMessage): [string, string][] {
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(incoming.headers)) {
    // HTTP/2 passes its pseudo headers along.
    if (value === undefined || name.startsWith(':')) continue;
    for (const item of Array.isArray(value) ? value : [value]) headers.push([name, item]);
  }
  return headers;
}

/** A parser that ran before us (express.json()) has emptied the stream and left what it made of it. */
function bodyOf(incoming: NodeRequest): ReadableStream<Uint8Array> | string {
  if (incoming.readableDidRead === false) return streamOf(incoming);
  const { body } = incoming;
  if (body == null) return '';
  if (body instanceof Uint8Array) return streamOfBytes(body);
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Bytes as they are: a `Uint8Array` is a body to Node.js, but not to every release of the DOM typings. */
function streamOfBytes(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller): void {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** `Readable.iterator`, which the typings of Node.js 18 do not know. */
interface ChunkSource {
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterator<Uint8Array>;
}

/** Reads only when it is read from, so a handler that ignores the body leaves it on the wire. */
function streamOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = (incoming as unknown as ChunkSource).iterator({ destroyOnReturn: false });
  let size = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller): Promise<void> {
        const { done, value } = await chunks.next();
        if (done === true) {
          controller.close();
          return;
        }
        size += value.length;
        if (size <= MAX_BODY_BYTES) {
          controller.enqueue(value);
          return;
        }
        const detail = `the body must have at most ${MAX_BODY_BYTES} bytes`;
        controller.error(new ProblemError({ status: 413, code: 'body_too_large', detail }));
      },
    },
    { highWaterMark: 0 },
  );
}
