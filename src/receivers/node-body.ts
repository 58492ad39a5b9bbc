import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  bodyAlreadyRead,
  bodyIncomplete,
  bodyTooLarge,
  type Receive,
  type ReceivedMessage,
} from './receive.ts';

const REMEDY =
  'mount the receiver before express.json() and other body parsers, or let them keep the bytes in rawBody ' +
  '(NestFactory.create(AppModule, { rawBody: true }))';

/** What frameworks and body parsers add to a request of node:http; some declare it too, with types of their own. */
interface Additions {
  /** With the path of a mount, which Express takes out of `url`. */
  readonly originalUrl?: unknown;
  readonly rawBody?: unknown;
  readonly body?: unknown;
}

/** Where a framework has it elsewhere than on the request of node:http. */
export interface Elsewhere {
  readonly target?: string | undefined;
  readonly rawBody?: unknown;
}

/** Answers one request of node:http. */
export async function answerNode(
  receive: Receive,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await receive((maxBytes) => readNodeMessage(request, maxBytes));
  const bytes = await bytesOf(answer);
  // Something else answered meanwhile, such as a middleware for timeouts.
  if (response.headersSent) return;
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.end(bytes);
}

export async function bytesOf(answer: Response): Promise<Buffer> {
  return Buffer.from(await answer.arrayBuffer());
}

/** @throws MessageError when the body is too large, not whole, or no longer there as it came */
export async function readNodeMessage(
  request: IncomingMessage,
  maxBytes: number,
  elsewhere: Elsewhere = {},
): Promise<ReceivedMessage> {
  const added = request as IncomingMessage & Additions;
  const body = await readBody(request, maxBytes, [elsewhere.rawBody, added.rawBody, added.body]);
  const url = typeof added.originalUrl === 'string' ? added.originalUrl : request.url;
  return { headers: headersOf(request), body, target: elsewhere.target ?? url ?? '/' };
}

async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  kept: readonly unknown[],
): Promise<Uint8Array> {
  if (isUntouched(request)) return readStream(request, maxBytes);
  const bytes = kept.find((value): value is Uint8Array => value instanceof Uint8Array);
  if (bytes === undefined) {
    // An empty body that was read is an empty body still.
    if (request.readableDidRead === false && request.readableEnded) return new Uint8Array();
    throw bodyAlreadyRead(REMEDY);
  }
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes);
  return bytes;
}

/** With an encoding set, chunks are text, and bytes that are not in that encoding are lost. */
function isUntouched(request: IncomingMessage): boolean {
  return !request.readableDidRead && !request.readableEnded && request.readableEncoding === null;
}

function readStream(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    // A sender that is still sending would not see the answer: the rest is read and dropped.
    function stop(): void {
      request.off('data', take);
      request.resume();
      chunks.length = 0;
      reject(bodyTooLarge(maxBytes));
    }
    function take(chunk: Uint8Array): void {
      size += chunk.length;
      if (size > maxBytes) stop();
      else chunks.push(chunk);
    }
    if (request.destroyed) reject(bodyIncomplete());
    request.once('error', () => reject(bodyIncomplete()));
    request.once('close', () => reject(bodyIncomplete()));
    request.once('end', () => resolve(Buffer.concat(chunks)));
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) stop();
    else request.on('data', take);
  });
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // HTTP/2 passes its pseudo headers along.
    if (value === undefined || name.startsWith(':')) continue;
    for (const item of Array.isArray(value) ? value : [value]) headers.append(name, item);
  }
  return headers;
}
