// https://fastify.dev/docs/latest/Reference/ContentTypeParser
import { answerFastify, type FastifyReplyLike, type FastifyRequestLike } from './fastify-reply.ts';
import { createReceiver, type ReceiverOptions, type WebhookHandler } from './receive.ts';

export type { ReceiverOptions, Webhook, WebhookHandler } from './receive.ts';

interface FastifyLike {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    contentType: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  post(
    path: string,
    handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>,
  ): unknown;
}

/**
 * A plugin with one route, whose body no parser touches while all other routes keep theirs:
 * `app.register(webhookReceiver({ secrets }, handler), { prefix: '/hooks/shop' })`.
 */
export function webhookReceiver(
  options: ReceiverOptions,
  handler: WebhookHandler,
): (instance: FastifyLike) => Promise<void> {
  const receive = createReceiver(options, handler);
  return async (instance) => {
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, _payload, done) => done(null));
    instance.post('/', (request, reply) => answerFastify(receive, request, reply));
  };
}
