import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createAddressGuard } from '../../src/kernel/address-guard.ts';
import { nodeHttpTransport } from '../../src/transports/node-http.ts';

const transport = nodeHttpTransport({ guard: createAddressGuard({ allow: ['127.0.0.1'] }) });
let server: Server | undefined;

afterEach(async () => {
  await transport.close();
  if (server !== undefined) server.close();
});

/** A receiver that says this to every request and keeps the connection open. */
async function sendToOneThatSays(answer: string, timeoutMs: number) {
  const raw = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(answer));
  });
  server = raw;
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
  return transport.send({
    url: new URL(`http://127.0.0.1:${(raw.address() as AddressInfo).port}/`),
    headers: {},
    body: Buffer.from('{}'),
    connectTimeoutMs: timeoutMs,
    timeoutMs,
    maxResponseBytes: 1_000,
  });
}

test('a receiver that switches protocols is refused at once instead of never', async () => {
  const answer = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n';
  await expect(sendToOneThatSays(answer, 60_000)).rejects.toMatchObject({
    name: 'TransportError',
    failure: 'protocol',
    message: 'the receiver wants to switch protocols',
  });
});

test('an answer that never ends is given up in time', async () => {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf';
  await expect(sendToOneThatSays(answer, 100)).rejects.toMatchObject({ failure: 'timeout' });
});
