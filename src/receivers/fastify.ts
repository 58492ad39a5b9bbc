// https://fastify.dev/docs/latest/Reference/ContentTypeParser
import type { IncomingMessage } from 'node:http';
import { bytesOf, readNodeMessage } from './node-body.ts';
import { createReceiver, type ReceiverOptions, type WebhookHandler } from './receive.ts';

export type { ReceiverOptions, Webhook, WebhookHandler } from './receive.ts';

export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly originalUrl?: string | undefined;
  readonly rawBody?: unknown;
}

export interface FastifyReplyLike {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: Uint8Array): unknown;
}

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
    instance.post('/', async (request, reply) => {
      const { originalUrl: target, rawBody } = request;
      const read = (maxBytes: number) => readNodeMessage(request.raw, maxBytes, { target, rawBody });
      return sendReply(await receive(read), reply);
    });
  };
}

/** Through the reply, not past it, so that the hooks of the application see the answer. */
export async function sendReply(answer: Response, reply: FastifyReplyLike): Promise<unknown> {
  const bytes = await bytesOf(answer);
  reply.code(answer.status);
  for (const [name, value] of answer.headers) reply.header(name, value);
  return reply.send(bytes);
}
