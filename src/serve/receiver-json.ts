import { z } from 'zod';
import { ProblemError } from '../kernel/problem.ts';
import { parseDuration } from '../ui/duration.ts';
import type { Behaviour, ReceivedRequest } from './receivers.ts';

const MAX_DELAY_MS = 60_000;
const DEFAULT_WAIT_MS = 5_000;
const MAX_WAIT_MS = 60_000;

/** Body of `PUT /_receive/:name/behaviour`; `{}` accepts everything again. */
const behaviourBody = z.strictObject({
  status: z.int().min(200).max(599).optional(),
  failNext: z.int().min(1).max(10_000).optional(),
  delayMs: z.int().min(0).max(MAX_DELAY_MS).optional(),
});

const waitQuery = z.object({
  wait: z.coerce.number().int().min(0).max(10_000).default(0),
  timeout: z
    .string()
    .default(`${DEFAULT_WAIT_MS}ms`)
    .transform((text) => parseDuration(text))
    .pipe(z.number('expected a duration such as 5s').max(MAX_WAIT_MS)),
});

/** @throws ProblemError 422. */
export function readBehaviour(body: unknown): Behaviour {
  const { status, failNext = 0, delayMs = 0 } = check(behaviourBody, body);
  return { status: status ?? (failNext > 0 ? 500 : 200), failNext, delayMs };
}

/**
 * `?wait=2&timeout=5s`: answer once two requests came in, or after five seconds.
 * @throws ProblemError 422.
 */
export function readWait(query: Record<string, string>): { count: number; timeoutMs: number } {
  const { wait, timeout } = check(waitQuery, query);
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

function check<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({
    pointer: `#/${path.join('/')}`,
    detail: message,
  }));
  const detail = errors.map((error) => `${error.pointer.slice(2) || 'body'}: ${error.detail}`).join('; ');
  throw new ProblemError({ status: 422, code: 'validation_failed', detail, errors });
}
