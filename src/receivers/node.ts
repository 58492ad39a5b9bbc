// https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerNode } from './node-body.ts';
import { createReceiver, type ReceiverOptions, type WebhookHandler } from './receive.ts';

export type { ReceiverOptions, Webhook, WebhookHandler } from './receive.ts';

/** A listener for node:http: `createServer(webhookReceiver({ secrets }, handler))`. */
export function webhookReceiver(
  options: ReceiverOptions,
  handler: WebhookHandler,
): (request: IncomingMessage, response: ServerResponse) => void {
  const receive = createReceiver(options, handler);
  return (request, response) => {
    answerNode(receive, request, response).catch(() => response.destroy());
  };
}
