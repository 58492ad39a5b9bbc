import { Agent, get, type ClientRequest, type IncomingMessage } from 'node:http';

/** A client of the stream that counts what it is sent, and comes back where it left off. */
export interface CrowdMember {
  readonly tenant: string;
  /** Whether its filter lets the events of the test through. */
  readonly isInterested: boolean;
  /** The position that it began at. */
  start(): number | undefined;
  count(): number;
  /** Of the positions of all events that it got: with their number and their order it tells whether any is missing. */
  sum(): number;
  /** Events that did not come after the one before. */
  disorder(): number;
  /** Resolves when its cursor has been heard of again. */
  connect(): Promise<void>;
  /** Hangs up in the middle of whatever is coming. */
  drop(): void;
}

const MAX_TRIES = 50;
const PAUSE_MS = 20;

export function createCrowdMember(url: string, tenant: string, types: string): CrowdMember {
  // A connection of its own, which ends with its stream.
  const agent = new Agent({ keepAlive: false });
  let request: ClientRequest | undefined;
  let start: number | undefined;
  let lastEventId: string | undefined;
  let [count, sum, disorder, newest] = [0, 0, 0, 0];

  function take(block: string): void {
    const lines = block.split('\n');
    const id = lines.find((line) => line.startsWith('id: '))?.slice(4);
    if (id === undefined) return;
    start ??= Number(id);
    lastEventId = id;
    if (lines.some((line) => line.startsWith('data: ')) === false) return;
    count += 1;
    sum += Number(id);
    if (Number(id) <= newest) disorder += 1;
    newest = Number(id);
  }

  function tryOnce(): Promise<boolean> {
    return new Promise((resolve) => {
      const headers = {
        'x-tenant': tenant,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      };
      const opened = get(`${url}?types=${types}`, { agent, headers });
      request = opened;
      opened.on('error', () => resolve(false));
      opened.on('response', (response: IncomingMessage) => {
        let rest = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          const blocks = (rest + text).split('\n\n');
          rest = blocks.pop() ?? '';
          // What arrives after hanging up was never seen.
          if (request === opened) for (const block of blocks) take(block);
          if (lastEventId !== undefined) resolve(true);
        });
        response.on('error', () => resolve(false));
        response.on('end', () => resolve(false));
      });
    });
  }

  return {
    tenant,
    isInterested: types.startsWith('order'),
    start: () => start,
    count: () => count,
    sum: () => sum,
    disorder: () => disorder,

    async connect() {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        if (await tryOnce()) return;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
      throw new Error('the stream lets nobody in');
    },

    drop() {
      const dropped = request;
      request = undefined;
      dropped?.destroy();
    },
  };
}
