import { systemClock } from './clock.ts';
import { describeError } from './describe-error.ts';
import { CastError, TransportError } from './errors.ts';
import { createEndpointOpener } from './opened-endpoint.ts';
import type { OpenedEndpoint } from './opened-endpoint.ts';
import { createPayloads } from './payload.ts';
import type { OutboundEvent, Payload, PayloadOptions } from './payload.ts';
import type { Clock, Logger, OutboundResponse, Transport } from './ports.ts';
import type { SecretBox } from './secret-box.ts';
import { signatureHeaders } from './sign.ts';
import type { Endpoint } from './subscription-ports.ts';
import type { Attempt } from './webhook-ports.ts';

/** From start to the last byte of the response; the specification advises 15 to 30 s. */
export const ATTEMPT_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_RESPONSE_BYTES = 16 * 1024;
/** What its owner reads of a fault that is not his. */
const OWN_FAULT = 'the event could not be prepared for sending';

export interface DelivererOptions extends PayloadOptions {
  readonly transport: Transport;
  readonly secretBox: SecretBox;
  readonly clock?: Clock | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** An attempt and what follows from it. */
export interface Outcome {
  readonly attempt: Attempt;
  readonly isSuccess: boolean;
  /** 410: the receiver wants nothing more. */
  readonly isGone: boolean;
  readonly retryAfter: string | undefined;
  /** When the receiver answered, by its own clock: what a date in `retryAfter` is to be held against. */
  readonly date?: string | undefined;
  /** What went wrong here, before anything was sent; for operators only, it may quote data. */
  readonly ownFault: string | undefined;
}

/**
 * Makes one attempt. Never rejects: whatever goes wrong is the outcome. The same event object for many endpoints is
 * rendered once for all of them that want it alike.
 */
export type Deliver = (endpoint: Endpoint, event: OutboundEvent) => Promise<Outcome>;

/** @throws TypeError when the options for CloudEvents cannot be used. */
export function createDeliver(options: DelivererOptions): Deliver {
  const { transport, secretBox, logger } = options;
  const clock = options.clock ?? systemClock;
  const payloadOf = createPayloads(options);
  const openedOf = createEndpointOpener(secretBox);

  let latest = { ms: Number.NaN, text: '' };

  /** Made once for all attempts of a millisecond: under load that is a tenth of what preparing one takes. */
  function isoTime(ms: number): string {
    if (ms !== latest.ms) latest = { ms, text: new Date(ms).toISOString() };
    return latest.text;
  }

  function headersOf(opened: OpenedEndpoint, id: string, payload: Payload): Record<string, string> {
    const now = clock.now();
    // A new timestamp for each attempt: receivers refuse old ones. The id stays, they drop repeats by it.
    const timestamp = Math.floor(now / 1000);
    return {
      ...opened.headers,
      ...signatureHeaders({ id, timestamp, body: payload.body, secrets: opened.keysAt(now) }),
      ...payload.headers,
      'user-agent': 'evtgen-webhooks/1',
    };
  }

  return async (endpoint, event) => {
    const at = isoTime(clock.now());
    const startedAt = clock.monotonic();
    const timing = (): Pick<Attempt, 'at' | 'durationMs'> => ({
      at,
      durationMs: Math.round(clock.monotonic() - startedAt),
    });
    try {
      const payload = payloadOf(endpoint, event);
      const opened = openedOf(endpoint);
      const response = await transport.send({
        url: opened.url,
        headers: headersOf(opened, event.eventId, payload),
        body: payload.body,
        connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
        timeoutMs: options.timeoutMs ?? ATTEMPT_TIMEOUT_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
      });
      return outcomeOf(response, timing());
    } catch (error) {
      const isOwnFault = error instanceof TransportError === false;
      // A wrong encryption key, for one: it would look like receivers that fail, one day before the first alert.
      if (isOwnFault && logger !== undefined) {
        const message = `an attempt for the subscription ${endpoint.id} failed here, before anything was sent`;
        logger.error(message, { error: describeError(error) });
      }
      const failure = isOwnFault ? ownFailure(error) : error.failure;
      const attempt = { ...timing(), failure, error: isOwnFault ? OWN_FAULT : describeError(error) };
      const ownFault = isOwnFault ? describeError(error) : undefined;
      return { attempt, isSuccess: false, isGone: false, retryAfter: undefined, ownFault };
    }
  };
}

function ownFailure(error: unknown): string {
  return error instanceof CastError ? 'cast_failed' : 'internal';
}

/** Only 2xx is success; a redirect is a failure like any other (Standard Webhooks 1.0.0, "Delivery"). */
function outcomeOf(response: OutboundResponse, timing: Pick<Attempt, 'at' | 'durationMs'>): Outcome {
  const { status } = response;
  // Databases cannot store U+0000 in a text.
  const body = response.body.replaceAll('\0', '\uFFFD');
  return {
    attempt: { ...timing, status, body },
    isSuccess: status >= 200 && status < 300,
    isGone: status === 410,
    retryAfter: response.headers['retry-after'],
    date: response.headers['date'],
    ownFault: undefined,
  };
}
