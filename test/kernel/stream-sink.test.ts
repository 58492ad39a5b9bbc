import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { streamBytes } from '../../src/kernel/stream-bytes.ts';
import { nodeSink } from '../../src/kernel/stream-node-sink.ts';
import { eventually } from '../helpers/eventually.ts';

let server: Server;
let client: Socket;

afterEach(() => {
  client.destroy();
  server.close();
});

test('a client that is slow for long leaves no listeners behind', async () => {
  const counted = new Promise<number[]>((resolve) => {
    server = createServer(async (_request, response) => {
      const sink = nodeSink(response);
      const before = response.listenerCount('close');
      for (let page = 0; page < 20; page += 1) {
        sink.write(streamBytes(' '.repeat(256 * 1024)));
        await sink.drained();
      }
      resolve([response.listenerCount('close') - before, response.listenerCount('drain')]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  client.resume();
  const [close, drain] = await counted;
  expect([close, drain]).toEqual([0, 0]);
});

test('a client that does not take the end of its stream is cut off', async () => {
  const accepted = new Promise<Socket>((resolve) => {
    server = createServer((_request, response) => {
      response.flushHeaders();
      const sink = nodeSink(response, 20);
      sink.write(streamBytes(' '.repeat(8 * 1024 * 1024)));
      sink.end();
      if (response.socket !== null) resolve(response.socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  client.pause();
  const socket = await accepted;
  expect(socket.destroyed).toBe(false);
  await eventually('its connection is gone', () => socket.destroyed);
});

test('a client that left before its sink was made is over at once', async () => {
  const made = new Promise<boolean[]>((resolve) => {
    server = createServer((_request, response) => {
      response.once('close', () => {
        const sink = nodeSink(response);
        let isTold = false;
        sink.onClosed(() => (isTold = true));
        resolve([sink.isClosed(), isTold, sink.write(streamBytes('x'))]);
      });
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  expect(await made).toEqual([true, true, false]);
});
