import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { verify } from '../kernel/verify.ts';

/** One webhook as it arrived. */
export interface ReceivedWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Why the signature does not verify; undefined when it does. */
  readonly failure: string | undefined;
  readonly status: number;
}

/** A subscriber's server: verifies each webhook over its raw bytes, and can be told to fail. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly ReceivedWebhook[];
  /** Set once the subscription exists, since its secret is shown only then. */
  trust(secret: string): void;
  /** What it answers from now on, e.g. 204 or 500. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: ReceivedWebhook[] = [];
  const secrets: string[] = [];
  let status = 204;

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const verdict = verify({ headers: request.headers, body, secrets });
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
    received.push({ headers, body, failure: verdict.ok ? undefined : verdict.message, status });
    response.writeHead(verdict.ok ? status : 401).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received,
    trust: (secret) => void secrets.push(secret),
    answerWith: (next) => {
      status = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The request as a raw HTTP message, which is what `evtgen verify-sig --request` reads. */
export function httpMessage(webhook: ReceivedWebhook): Buffer {
  const lines = Object.entries(webhook.headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([
    Buffer.from(`POST /webhooks HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`),
    webhook.body,
  ]);
}
