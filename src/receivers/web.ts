// https://developer.mozilla.org/docs/Web/API/Request/body
import {
  bodyAlreadyRead,
  bodyIncomplete,
  bodyTooLarge,
  createReceiver,
  type ReceiverOptions,
  type WebhookHandler,
} from './receive.ts';

export type { ReceiverOptions, Webhook, WebhookHandler } from './receive.ts';

const REMEDY = 'call the receiver before request.json() and the like';

/**
 * For all that goes from `Request` to `Response`. Next.js: `export const POST = webhookReceiver({ secrets }, handler)`
 * in a `route.ts`. Hono: `app.post('/hooks/shop', (c) => receive(c.req.raw))`.
 */
export function webhookReceiver(
  options: ReceiverOptions,
  handler: WebhookHandler,
): (request: Request) => Promise<Response> {
  const receive = createReceiver(options, handler);
  return (request) =>
    receive(async (maxBytes) => {
      const { pathname, search } = new URL(request.url);
      const body = await readBody(request, maxBytes);
      return { headers: request.headers, body, target: pathname + search };
    });
}

/** Stops reading at the limit: `content-length` may be missing or wrong. */
async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.bodyUsed) throw bodyAlreadyRead(REMEDY);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw bodyIncomplete();
    });
    if (done || value === undefined) return Buffer.concat(chunks);
    size += value.length;
    if (size > maxBytes) {
      reader.cancel().catch(() => undefined);
      throw bodyTooLarge(maxBytes);
    }
    chunks.push(value);
  }
}
