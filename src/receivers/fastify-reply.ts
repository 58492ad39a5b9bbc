import type { IncomingMessage } from 'node:http';
import { bytesOf, readNodeMessage } from './node-body.ts';
import type { Receive } from './receive.ts';

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

/** Answers one request of Fastify; through the reply, not past it, so that hooks see the answer. */
export async function answerFastify(
  receive: Receive,
  request: FastifyRequestLike,
  reply: FastifyReplyLike,
): Promise<unknown> {
  const { originalUrl: target, rawBody, raw } = request;
  const answer = await receive((maxBytes) => readNodeMessage(raw, maxBytes, { target, rawBody }));
  const bytes = await bytesOf(answer);
  reply.code(answer.status);
  for (const [name, value] of answer.headers) reply.header(name, value);
  return reply.send(bytes);
}
