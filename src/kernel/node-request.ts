import type { IncomingMessage } from 'node:http';
import { ProblemError } from './problem.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/** What Express and body parsers add to a request of node:http. */
interface NodeRequest extends IncomingMessage {
  readonly originalUrl?: string;
  readonly body?: unknown;
}

/**
 * The request as the web knows it.
 * @param signal of the request, for when the client goes away
 * @param parsed what a body parser left elsewhere than on the request
 * @throws ProblemError 400 for a target that is no URL, 405 for a method that a `Request` cannot have
 */
export function toRequest(
  incoming: NodeRequest,
  signal?: AbortSignal | undefined,
  parsed?: unknown,
): Request {
  const method = incoming.method ?? 'GET';
  if (/^(?:CONNECT|TRACE|TRACK)$/.test(method)) {
    throw new ProblemError({ status: 405, code: 'method_not_allowed', detail: `${method} is not supported` });
  }
  const common = { method, headers: headersOf(incoming), ...(signal === undefined ? {} : { signal }) };
  const url = urlOf(incoming);
  if (method === 'GET' || method === 'HEAD') return new Request(url, common);
  // Older DOM typings do not know `duplex`, which streamed bodies need; in a literal they would refuse it.
  const init = { ...common, body: bodyOf(incoming, parsed), duplex: 'half' as const };
  return new Request(url, init);
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
function bodyOf(incoming: NodeRequest, parsed: unknown): ReadableStream<Uint8Array> | string {
  if (incoming.readableDidRead === false) return streamOf(incoming);
  const body = parsed ?? incoming.body;
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
