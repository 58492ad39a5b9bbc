import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { Pool } from 'undici';

const key = createSecretKey(randomBytes(24));

/**
 * What the peers and the raw limit send with: a signed POST, by the global `fetch` or by `dispatch` of undici with
 * its pools by origin. Both take `(origin, id, body)` and resolve when the response has ended.
 */
export function createSender(kind, concurrencyPerOrigin) {
  return kind === 'fetch' ? sendByFetch : createDispatchSender(concurrencyPerOrigin);
}

async function sendByFetch(origin, id, body) {
  const response = await fetch(`${origin}/hook`, { method: 'POST', headers: headersOf(id, body), body });
  await response.arrayBuffer();
}

function createDispatchSender(connections) {
  const pools = new Map();
  const poolOf = (origin) => {
    const known = pools.get(origin) ?? new Pool(origin, { connections, pipelining: 1 });
    pools.set(origin, known);
    return known;
  };
  return (origin, id, body) =>
    new Promise((resolve, reject) => {
      poolOf(origin).dispatch(
        { path: '/hook', method: 'POST', headers: headersOf(id, body), body },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData() {},
          onResponseEnd: resolve,
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
}

/** Standard Webhooks 1.0.0, with the key made once. */
function headersOf(id, body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return {
    'content-type': 'application/json',
    'user-agent': 'evtgen-bench',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
