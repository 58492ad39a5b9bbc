import { expect, test } from 'vitest';
import { holdClient } from '../../src/brokers/held-client.ts';

const asItIs = <Connection>(connection: Connection): Promise<Connection> => Promise.resolve(connection);

test('a client that failed is thrown away and another one opened', async () => {
  const opened: number[] = [];
  const ended: number[] = [];
  const held = holdClient({
    connect: async () => opened.push(opened.length),
    prepare: asItIs,
    end: async (client) => ended.push(client),
  });
  await expect(held.use((client) => Promise.resolve(client))).resolves.toBe(1);
  await expect(held.use(() => Promise.reject(new Error('connection lost')))).rejects.toThrow(
    'connection lost',
  );
  await expect(held.use((client) => Promise.resolve(client))).resolves.toBe(2);
  await held.close();
  expect(ended).toEqual([1, 2]);
});

test('closing waits for what is in hand, and never opens a client to end it', async () => {
  const order: string[] = [];
  const held = holdClient({
    connect: async () => 'client',
    prepare: asItIs,
    end: async () => order.push('ended'),
  });
  const working = held.use(async () => {
    await new Promise(setImmediate);
    order.push('done');
  });
  await held.close();
  await working;
  expect(order).toEqual(['done', 'ended']);
  const unused = holdClient({
    connect: async () => order.push('opened'),
    prepare: asItIs,
    end: async () => order.push('ended'),
  });
  await unused.close();
  expect(order).toEqual(['done', 'ended']);
});

test('a connection that could not be made ready is ended before the next one is used', async () => {
  const open = new Set<number>();
  let made = 0;
  const held = holdClient({
    async connect() {
      made += 1;
      open.add(made);
      return made;
    },
    async prepare(connection) {
      if (connection < 3) throw new Error(`the stream is refused to connection ${connection}`);
      return `client ${connection}`;
    },
    end: async (connection) => open.delete(connection),
  });
  const use = (): Promise<string> => held.use((client) => Promise.resolve(client));

  await expect(use()).rejects.toThrow('refused to connection 1');
  await expect(use()).rejects.toThrow('refused to connection 2');
  expect(await use()).toBe('client 3');
  expect([...open]).toEqual([3]);
  await held.close();
  expect([...open]).toEqual([]);
});

test('a connection that was not made leaves nothing to end, and the next use tries again', async () => {
  const ended: string[] = [];
  let isAway = true;
  const held = holdClient({
    connect() {
      if (isAway) throw new Error('nobody is there');
      return 'connection';
    },
    prepare: asItIs,
    async end(connection) {
      ended.push(connection);
    },
  });

  await expect(held.use(() => Promise.resolve())).rejects.toThrow('nobody is there');
  isAway = false;
  await held.use(() => Promise.resolve());
  expect(ended).toEqual([]);
  await held.close();
  expect(ended).toEqual(['connection']);
});
