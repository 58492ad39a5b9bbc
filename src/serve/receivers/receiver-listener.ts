import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { respondTo, sendResponse, type NodeListener } from '../../kernel/node-listener.ts';
import { toRequest } from '../../kernel/node-request.ts';
import type { Logger } from '../../kernel/ports.ts';
import { ProblemError, problemResponse } from '../../kernel/problem.ts';
import type { OriginRule } from '../origin-guard.ts';
import { writeAnswer } from './answer.ts';
import { receiverOf } from './receiver-routes.ts';
import type { Message, Receivers } from './receivers.ts';

export interface ReceiverListener {
  readonly listener: NodeListener;
  /** Cuts the connections off that wait for an answer. */
  hangUp(): void;
}

/**
 * Receives deliveries and gives everything else to `next`. It works on the connection itself: bytes as they came,
 * headers in their order, and answers that no `Response` can express.
 */
export function createReceiverListener(
  receivers: Receivers,
  next: NodeListener,
  originRule: OriginRule,
  logger: Logger,
): ReceiverListener {
  const open = new Set<ServerResponse>();
  const used = new WeakSet<Socket>();

  const receive = respondTo(async (incoming, outgoing) => {
    open.add(outgoing);
    outgoing.once('close', () => open.delete(outgoing));
    const name = receiverOf(incoming.method, incoming.url) ?? '';
    const isReused = used.has(incoming.socket);
    used.add(incoming.socket);
    let message: Message;
    try {
      message = await readMessage(incoming, originRule);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      await sendResponse(problemResponse(error.problem), incoming, outgoing);
      return;
    }
    const { turn, isVerified } = await receivers.receive(name, message, isReused);
    await writeAnswer(turn, isVerified, outgoing);
  }, logger);

  return {
    listener(incoming, outgoing) {
      if (receiverOf(incoming.method, incoming.url) === undefined) next(incoming, outgoing);
      else receive(incoming, outgoing);
    },
    hangUp() {
      for (const outgoing of open) outgoing.destroy();
    },
  };
}

/** @throws ProblemError 403 from another site, 413 for a body that is too large. */
async function readMessage(incoming: IncomingMessage, originRule: OriginRule): Promise<Message> {
  const { host, origin, authorization } = incoming.headers;
  const fetchSite = incoming.headers['sec-fetch-site']?.toString();
  const foreign = originRule.refuse({
    method: incoming.method ?? 'POST',
    host,
    origin,
    fetchSite,
    authorization,
  });
  if (foreign !== undefined) throw new ProblemError(foreign);
  const request = toRequest(incoming);
  const body = new Uint8Array(await request.arrayBuffer());
  const { method = 'POST', url: target = '/', httpVersion, rawHeaders } = incoming;
  return { method, target, httpVersion, rawHeaders, headers: Object.fromEntries(request.headers), body };
}
