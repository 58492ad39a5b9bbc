import { setTimeout as sleep } from 'node:timers/promises';
import { startEvtgen, type RunningCommand } from '../helpers/exec.ts';

interface Attempt {
  readonly at: string;
  readonly durationMs: number;
  readonly status?: number;
  readonly body?: string;
  readonly failure?: string;
  readonly error?: string;
}

export interface Overview {
  readonly head: number;
  readonly events: readonly {
    readonly position: number;
    readonly eventType: string;
    readonly deliveries: readonly {
      readonly state: string;
      readonly url: string;
      readonly attempts: readonly Attempt[];
    }[];
  }[];
  readonly deadLetters: readonly {
    readonly id: string;
    readonly eventType: string;
    readonly error: string;
  }[];
  readonly subscriptions: readonly { readonly id: string; readonly url: string; readonly state: string }[];
  readonly forwards: readonly { readonly url: string; readonly eventTypes: readonly string[] }[];
}

export interface Requests {
  readonly received: number;
  readonly verified: number;
  readonly requests: readonly {
    readonly receivedAt: string;
    readonly eventType: string;
    readonly headers: Record<string, string>;
    readonly body: string;
  }[];
}

/** `evtgen serve` in a process of its own, and its HTTP API. */
export interface LocalServer {
  readonly running: RunningCommand;
  readonly url: string;
  readonly secret: string;
  readonly pid: number;
  /** The whole ready line. */
  readonly ready: Readonly<Record<string, unknown>>;
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  overview(): Promise<Overview>;
  /** Waits until the receiver has got so many requests since the start. */
  received(name: string, count: number): Promise<Requests>;
}

const DEADLINE_MS = 40_000;

/** Starts it on a free port and waits for the ready line. */
export function startServe(cwd: string, ...flags: string[]): Promise<LocalServer> {
  return startServeWith({}, cwd, ...flags);
}

/** @param env added to a bare environment */
export async function startServeWith(
  env: Readonly<Record<string, string>>,
  cwd: string,
  ...flags: string[]
): Promise<LocalServer> {
  const running = startEvtgen(['serve', '--port', '0', '--json', ...flags], { cwd, env });
  const ready = JSON.parse(await running.waitForLine()) as LocalServer['ready'] & {
    url: string;
    secret: string;
    pid: number;
  };

  const request: LocalServer['request'] = async (method, path, body) => {
    const init =
      body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(ready.url + path, { method, ...init });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const get = async <Body>(path: string): Promise<Body> => (await request('GET', path)).body as Body;

  return {
    running,
    ...ready,
    ready,
    request,
    overview: () => get('/_serve/overview'),
    async received(name, count) {
      const requests = await get<Requests>(
        `/_receive/${name}/requests?wait=${count}&timeout=${DEADLINE_MS}ms`,
      );
      if (requests.received < count) throw new Error(`${name} got ${requests.received} of ${count} requests`);
      return requests;
    },
  };
}

/** Asks again and again until `accept` is satisfied. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  accept: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await ask();
    if (accept(value)) return value;
    if (Date.now() > deadline) throw new Error(`never came to be; at last: ${JSON.stringify(value)}`);
    await sleep(20);
  }
}
