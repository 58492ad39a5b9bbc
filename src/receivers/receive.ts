import { internalError, ProblemError, problemResponse, type ProblemOptions } from '../kernel/problem.ts';
import { verify } from '../kernel/verify.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;

/** A message as it came. */
export interface ReceivedMessage {
  readonly headers: Headers;
  /** The body exactly as it came over the wire. */
  readonly body: Uint8Array;
  /** Path and query. Schemes that sign the URL need the sender's origin before it. */
  readonly target: string;
}

/** A message whose signature is good. */
export interface Webhook extends ReceivedMessage {
  /** The same on every retry, so it is the key to drop repeats by; null where the scheme has none. */
  readonly id: string | null;
  /** Unix seconds; null where the scheme signs none. */
  readonly timestamp: number | null;
  /** The parsed body. What it throws for a body that is not JSON answers the sender with 400. */
  json(): unknown;
}

/** What is to be said of a signature; `verify` of `evtgen/verify` returns one. */
export interface CheckResult {
  readonly ok: boolean;
  readonly code?: string | null | undefined;
  readonly message?: string | undefined;
  readonly id?: string | null | undefined;
  readonly timestamp?: number | null | undefined;
}

export type Check = (message: ReceivedMessage) => CheckResult | Promise<CheckResult>;

/** A function is asked at every message: for secrets that change, or that are not there yet at start. */
export type SecretSource =
  | readonly string[]
  | ((message: ReceivedMessage) => readonly string[] | Promise<readonly string[]>);

/** An answer that is not the handler's. */
export interface ReceiverProblem {
  readonly status: number;
  readonly code: string;
  /** For your own people: the sender gets the code only. */
  readonly message: string;
  /** What was thrown, where that is the reason. */
  readonly error?: unknown;
}

interface CommonOptions {
  /** Larger bodies are answered with 413. Default: 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** Default: what was answered with 500 goes to stderr. */
  readonly onProblem?: ((problem: ReceiverProblem) => void) | undefined;
}

/** Standard Webhooks. */
interface SecretOptions extends CommonOptions {
  /** Any one of them may match; two are current during a rotation. */
  readonly secrets: SecretSource;
  /** How far the timestamp may be off. Default: 300. */
  readonly toleranceSeconds?: number | undefined;
  readonly check?: undefined;
}

/** Any other scheme. */
interface CheckOptions extends CommonOptions {
  readonly check: Check;
  readonly secrets?: undefined;
  readonly toleranceSeconds?: undefined;
}

export type ReceiverOptions = SecretOptions | CheckOptions;

/**
 * Called once for each good message. When it has come to its end the sender is answered with 204, or with the
 * `Response` that it returns; when it throws, with 500, so that the sender tries again.
 */
export type WebhookHandler = (webhook: Webhook) => unknown;

/** Reads one message, checks it, hands it on and says what to answer. Never rejects for what the sender did. */
export type Receive = (read: (maxBytes: number) => Promise<ReceivedMessage>) => Promise<Response>;

/** The message itself cannot be taken; handlers may throw problems too, and those are nothing to the sender. */
export class MessageError extends ProblemError {
  override readonly name: string = 'MessageError';
}

/**
 * What every framework's receiver is made of.
 * @throws SecretError, RangeError for secrets that cannot be used, or none, and for a tolerance that is no number:
 * better at start than at a webhook.
 */
export function createReceiver(options: ReceiverOptions, handler: WebhookHandler): Receive {
  const { maxBytes = DEFAULT_MAX_BYTES, onProblem = reportFailure } = options;
  const check = checkOf(options);

  function refuse(problem: ProblemOptions, message: string, error?: unknown): Response {
    onProblem({ status: problem.status, code: problem.code, message, error });
    return problemResponse(problem);
  }

  return async (read) => {
    try {
      const message = await read(maxBytes);
      const result = await check(message);
      // Whatever else a check of JavaScript may return is no good signature.
      if (result.ok !== true) {
        const { code, message: reason = 'the signature is not good' } = result;
        return refuse(badSignature(code ?? 'signature_mismatch'), reason);
      }
      const { id = null, timestamp = null } = result;
      const answer = await handler({ ...message, id, timestamp, json: () => parse(message.body) });
      return answer instanceof Response ? answer : new Response(null, { status: 204 });
    } catch (error) {
      if (error instanceof MessageError) return refuse(error.problem, error.message);
      return refuse(internalError, describe(error), error);
    }
  };
}

export function bodyTooLarge(maxBytes: number): MessageError {
  const detail = `the body must have at most ${maxBytes} bytes`;
  return new MessageError({ status: 413, code: 'body_too_large', detail });
}

/** The sender went away. */
export function bodyIncomplete(): MessageError {
  return new MessageError({ status: 400, code: 'body_incomplete', detail: 'the body did not come whole' });
}

/** @param remedy what to do about it, for who set the receiver up */
export function bodyAlreadyRead(remedy: string): MessageError {
  const detail = `something read the body before the webhook receiver, so its exact bytes are gone: ${remedy}`;
  return new MessageError({ status: 500, code: 'body_already_read', detail });
}

function checkOf({ check, secrets = [], toleranceSeconds }: ReceiverOptions): Check {
  if (check !== undefined) return check;
  if (typeof secrets === 'function') {
    if (Number.isNaN(toleranceSeconds)) throw new RangeError('the tolerance is not a number');
    return async (message) => verify({ ...message, secrets: await secrets(message), toleranceSeconds });
  }
  verify({ headers: {}, body: new Uint8Array(), secrets, toleranceSeconds });
  return (message) => verify({ ...message, secrets, toleranceSeconds });
}

/** What is wrong with a signature helps who forges one as well, so the sender gets no more than the code. */
function badSignature(code: string): ProblemOptions {
  return { status: 400, code, detail: 'the signature could not be verified' };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new MessageError({ status: 400, code: 'malformed_json', detail: 'the body is not JSON in UTF-8' });
  }
}

function reportFailure({ status, code, message }: ReceiverProblem): void {
  if (status >= 500) process.stderr.write(`webhook receiver: ${code}: ${message}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
