import { z } from 'zod';
import { ProblemError } from '../../kernel/problem.ts';
import { parseDuration } from '../../ui/duration.ts';
import type { Behaviour } from './behaviour.ts';
import { parseBehaviour } from './behaviour-input.ts';
import type { ReceivedRequest } from './receivers.ts';

const DEFAULT_WAIT_MS = 5_000;
const MAX_WAIT_MS = 60_000;

const waitQuery = z.object({
  wait: z.coerce.number().int().min(0).max(10_000).default(0),
  timeout: z
    .string()
    .default(`${DEFAULT_WAIT_MS}ms`)
    .transform((text) => parseDuration(text))
    .pipe(z.number('expected a duration such as 5s').max(MAX_WAIT_MS)),
});

/**
 * Body of `PUT /_receive/:name/behaviour`: any part of a `Behaviour`; `{}` accepts everything again.
 * @throws ProblemError 422.
 */
export function readBehaviour(body: unknown): Behaviour {
  return dataOf(parseBehaviour(body));
}

/**
 * `?wait=2&timeout=5s`: answer once two requests came in, or after five seconds.
 * @throws ProblemError 422.
 */
export function readWait(query: Record<string, string>): { count: number; timeoutMs: number } {
  const { wait, timeout } = dataOf(waitQuery.safeParse(query));
  return { count: wait, timeoutMs: timeout };
}

/** The body as text where it is text, else in base64. */
export function receivedRequestJson(request: ReceivedRequest): Record<string, unknown> {
  const { body, ...rest } = request;
  try {
    return { ...rest, body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ...rest, bodyBase64: Buffer.from(body).toString('base64') };
  }
}

/**
 * The request as a raw HTTP message (RFC 9112), which `verify-sig --request` reads. A body that came in chunks is one
 * chunk here; everything else is as it was sent.
 */
export function receivedRequestHttp(request: ReceivedRequest): Buffer {
  const { method, target, httpVersion, rawHeaders, headers, body } = request;
  const lines = [`${method} ${target} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  // Node.js gives the bytes of header fields as Latin-1.
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const isChunked = headers['transfer-encoding'] !== undefined;
  if (!isChunked) return Buffer.concat([head, body]);
  const last = Buffer.from('0\r\n\r\n');
  if (body.byteLength === 0) return Buffer.concat([head, last]);
  return Buffer.concat([
    head,
    Buffer.from(`${body.byteLength.toString(16)}\r\n`),
    body,
    Buffer.from('\r\n'),
    last,
  ]);
}

function dataOf<Output>(result: z.ZodSafeParseResult<Output>): Output {
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({
    pointer: `#/${path.join('/')}`,
    detail: message,
  }));
  const detail = errors.map((error) => `${error.pointer.slice(2) || 'body'}: ${error.detail}`).join('; ');
  throw new ProblemError({ status: 422, code: 'validation_failed', detail, errors });
}
