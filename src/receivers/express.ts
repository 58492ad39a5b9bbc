// https://expressjs.com/en/guide/writing-middleware.html
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerNode } from './node-body.ts';
import { createReceiver, type ReceiverOptions, type WebhookHandler } from './receive.ts';

export type { ReceiverOptions, Webhook, WebhookHandler } from './receive.ts';

/**
 * A route handler that reads the body itself, so it stands before any `app.use(express.json())`:
 * `app.post('/hooks/shop', webhookReceiver({ secrets }, handler))`.
 */
export function webhookReceiver(
  options: ReceiverOptions,
  handler: WebhookHandler,
): (request: IncomingMessage, response: ServerResponse, next: (error: unknown) => void) => Promise<void> {
  const receive = createReceiver(options, handler);
  return async (request, response, next) => {
    try {
      await answerNode(receive, request, response);
    } catch (error) {
      // Express 4 looks at no promise.
      next(error);
    }
  };
}
