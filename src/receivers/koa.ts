// https://koajs.com/#context
import type { IncomingMessage } from 'node:http';
import { bytesOf, readNodeMessage } from './node-body.ts';
import { createReceiver, type ReceiverOptions, type WebhookHandler } from './receive.ts';

export type { ReceiverOptions, Webhook, WebhookHandler } from './receive.ts';

interface KoaContextLike {
  readonly req: IncomingMessage;
  readonly originalUrl: string;
  status: number;
  body: unknown;
  set(name: string, value: string): void;
}

/**
 * A middleware that reads the body itself, so it stands before any `app.use(bodyParser())`:
 * `router.post('/hooks/shop', webhookReceiver({ secrets }, handler))`.
 */
export function webhookReceiver(
  options: ReceiverOptions,
  handler: WebhookHandler,
): (context: KoaContextLike) => Promise<void> {
  const receive = createReceiver(options, handler);
  return async (context) => {
    const { req, originalUrl: target } = context;
    const answer = await receive((maxBytes) => readNodeMessage(req, maxBytes, { target }));
    for (const [name, value] of answer.headers) context.set(name, value);
    context.status = answer.status;
    context.body = await bytesOf(answer);
  };
}
