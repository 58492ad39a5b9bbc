// https://docs.nestjs.com/faq/raw-body
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerFastify, type FastifyReplyLike, type FastifyRequestLike } from './fastify-reply.ts';
import { answerNode } from './node-body.ts';
import { createReceiver, type ReceiverOptions, type WebhookHandler } from './receive.ts';

export type { ReceiverOptions, Webhook, WebhookHandler } from './receive.ts';

/**
 * For Nest on Express or Fastify. In `main.ts`, before `listen`, for one path and no other:
 * `app.use('/hooks/shop', webhookReceiver({ secrets }, handler))`. In a controller, with `{ rawBody: true }` for
 * the application: `@Post() shop(@Req() request, @Res() response) { return this.receive(request, response); }`.
 */
export function webhookReceiver(
  options: ReceiverOptions,
  handler: WebhookHandler,
): (
  request: IncomingMessage | FastifyRequestLike,
  response: ServerResponse | FastifyReplyLike,
) => Promise<void> {
  const receive = createReceiver(options, handler);
  return async (request, response) => {
    if ('raw' in request && 'code' in response) {
      await answerFastify(receive, request, response);
    } else if ('raw' in request || 'code' in response) {
      throw new TypeError('a webhook receiver needs the request and the response of the same platform');
    } else {
      await answerNode(receive, request, response);
    }
  };
}
