import { Hono, type Context } from 'hono';
import { notFound, problemResponse } from '../../kernel/problem.ts';
import { readJson } from '../read-json.ts';
import { readBehaviour, readWait, receivedRequestHttp, receivedRequestJson } from './receiver-json.ts';
import type { Receivers } from './receivers.ts';

const RECEIVER_NAME = '[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}';

/**
 * What can be asked of receivers and told them; the deliveries themselves are received by receiver-listener.ts.
 *
 *     GET    /_receive/:name/behaviour        → Behaviour
 *     PUT    /_receive/:name/behaviour        a part of a Behaviour, {} to accept → Behaviour
 *     GET    /_receive/:name/requests         ?wait=2&timeout=5s → ReceiverState with the requests, bodies as text
 *     GET    /_receive/:name/requests/3       → one of them
 *     GET    /_receive/:name/requests/3.http  → its bytes
 *     DELETE /_receive/:name/requests
 */
export function createReceiverRoutes(receivers: Receivers): Hono {
  const app = new Hono();
  const path = `/:name{${RECEIVER_NAME}}` as const;
  const nameOf = (context: Context): string => context.req.param('name') ?? '';

  app.get(`${path}/requests`, async (context) => {
    const { count, timeoutMs } = readWait(context.req.query());
    const { requests, ...state } = await receivers.waitFor(nameOf(context), count, timeoutMs);
    return Response.json({ ...state, requests: requests.map(receivedRequestJson) });
  });
  app.get(`${path}/requests/:file{[0-9]+(\\.http)?}`, (context) => {
    const file = context.req.param('file') ?? '';
    const number = Number.parseInt(file, 10);
    const request = receivers.get(nameOf(context)).requests.find((kept) => kept.number === number);
    if (request === undefined) return problemResponse(notFound);
    if (!file.endsWith('.http')) return Response.json(receivedRequestJson(request));
    return new Response(new Uint8Array(receivedRequestHttp(request)), {
      headers: { 'content-type': 'message/http' },
    });
  });
  app.delete(`${path}/requests`, (context) => {
    receivers.clear(nameOf(context));
    return context.body(null, 204);
  });
  app.get(`${path}/behaviour`, (context) => Response.json(receivers.get(nameOf(context)).behaviour));
  app.put(`${path}/behaviour`, async (context) => {
    const behaviour = readBehaviour(await readJson(context));
    await receivers.setBehaviour(nameOf(context), behaviour);
    return Response.json(behaviour);
  });
  return app;
}

/** The receiver that a request is for; undefined when it is for no receiver. */
export function receiverOf(method: string | undefined, target: string | undefined): string | undefined {
  if (method !== 'POST' || target === undefined) return undefined;
  return new RegExp(`^/_receive/(${RECEIVER_NAME})(?:\\?.*)?$`).exec(target)?.[1];
}
