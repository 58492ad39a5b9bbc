import { expect, test } from 'vitest';
import { holdClient } from '../../src/brokers/held-client.ts';

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
    prepare: (connection) => Promise.resolve(connection),
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
