import { EventSource } from 'eventsource';
import { Webhook } from 'standardwebhooks';
import { startReceiver, type Receiver } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { start, type Environment, type Running } from './commands.ts';
import type { Fixture } from './fixtures.ts';

const START_MS = 60_000;
const ARRIVE_MS = 20_000;

/** A webhook as a receiver has it that verifies it with the library of the standard. */
export interface Delivered {
  readonly eventId: string;
  readonly eventType: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Subscriber {
  readonly receiver: Receiver;
  /** Verified; rejects where the signature is wrong. */
  delivered(): Delivered[];
}

/** The application that runs, as its customers see it. */
export interface Shop {
  /** What the processes printed. */
  log(): string;
  /** Places an order, and gives back what was answered. */
  order(): Promise<Readonly<Record<string, unknown>>>;
  subscribe(): Promise<Subscriber>;
  /** The ids that the live stream has brought so far. */
  openStream(): { eventIds(): string[]; close(): void };
  deadLetters(): Promise<{ id: string; eventId: string }[]>;
  replay(letterId: string): Promise<void>;
  close(): Promise<void>;
}

export async function openShop(
  fixture: Fixture,
  script: string,
  root: string,
  env: Environment,
): Promise<Shop> {
  const port = await freePort();
  const settings = { ...env, PORT: String(port) };
  const processes: Running[] = [start(script, root, settings)];
  if (fixture.worker !== undefined) processes.push(start(fixture.worker, root, settings));
  const log = (): string => processes.map((each) => each.output()).join('');
  const host = `http://127.0.0.1:${port}`;
  const base = `${host}${fixture.basePath ?? ''}`;
  const receivers: Receiver[] = [];
  const streams: EventSource[] = [];

  const shop: Shop = {
    log,
    order: () => request('POST', `${host}${fixture.order.path}`, fixture.order.body),
    async subscribe() {
      const receiver = await startReceiver();
      receivers.push(receiver);
      const subscription = { url: receiver.url, eventTypes: ['order.created'] };
      const { secret } = await request<{ secret: string }>('POST', `${base}/webhooks`, subscription);
      const webhook = new Webhook(secret);
      return {
        receiver,
        delivered: () =>
          receiver.requests.map(
            ({ body, headers }) => webhook.verify(body, headers as Record<string, string>) as Delivered,
          ),
      };
    },
    openStream() {
      const stream = new EventSource(`${base}/events/stream?types=order.*&lastEventId=0`);
      streams.push(stream);
      const ids: string[] = [];
      stream.addEventListener('order.created', ({ data }) => {
        ids.push((JSON.parse(String(data)) as Delivered).eventId);
      });
      return { eventIds: () => ids, close: () => stream.close() };
    },
    async deadLetters() {
      type Page = { data: { id: string; eventId: string }[] };
      return (await request<Page>('GET', `${base}/dead-letters`)).data;
    },
    replay: (letterId) => request('POST', `${base}/dead-letters/${letterId}/replay`),
    async close() {
      for (const stream of streams) stream.close();
      await Promise.all(processes.map((each) => each.stop()));
      await Promise.all(receivers.map((each) => each.close()));
    },
  };

  async function request<Answer>(method: string, url: string, body?: object): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const response = await fetch(url, { method, ...init });
    const text = await response.text();
    if (response.ok === false) throw new Error(`${method} ${url}: ${response.status} ${text}\n${log()}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  try {
    await waitUntil(async () => {
      if (processes.some((each) => each.hasEnded())) throw new Error(`it ended:\n${log()}`);
      return isAnswering(`${base}/webhooks`);
    }, START_MS);
  } catch (error) {
    await shop.close();
    throw new Error(`the application does not answer: ${log()}`, { cause: error });
  }
  return shop;
}

/** Waits for what travels between processes. */
export async function arrived(isSo: () => boolean | Promise<boolean>, shop: Shop): Promise<void> {
  try {
    await waitUntil(isSo, ARRIVE_MS);
  } catch (error) {
    throw new Error(`it did not arrive:\n${shop.log()}`, { cause: error });
  }
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

/** One that is free now; whoever takes it meanwhile makes the start fail. */
async function freePort(): Promise<number> {
  const receiver = await startReceiver();
  await receiver.close();
  return receiver.port;
}
