import { verify, type VerifyResult } from '../kernel/verify.ts';

/** How a receiver answers. */
export interface Behaviour {
  /** Answered to every request, or to the next `failNext` only. */
  readonly status: number;
  /** Requests still to fail; 0 when it does not count. */
  readonly failNext: number;
  readonly delayMs: number;
}

const ACCEPT: Behaviour = { status: 200, failNext: 0, delayMs: 0 };

export interface Verification {
  readonly ok: boolean;
  /** A code of the kernel's `verify`, or `no_secret`; null when it is good. */
  readonly code: string | null;
  readonly message: string;
}

export interface ReceivedRequest {
  /** From 1, in the order of arrival. */
  readonly number: number;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes. */
  readonly body: Uint8Array;
  /** Of the event in the body, where it is one. */
  readonly eventType: string | null;
  readonly verification: Verification;
  /** Status it was answered with. */
  readonly answered: number;
}

export interface ReceiverState {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Since serve started. */
  readonly received: number;
  readonly verified: number;
  /** The newest, oldest first. */
  readonly requests: readonly ReceivedRequest[];
}

export interface Receivers {
  list(): ReceiverState[];
  get(name: string): ReceiverState;
  setBehaviour(name: string, behaviour: Behaviour): void;
  /** Records a request and answers as told. */
  receive(name: string, request: Request): Promise<Response>;
  /** Resolves with the state once `count` requests came in, or with what there is when the time is over. */
  waitFor(name: string, count: number, timeoutMs: number): Promise<ReceiverState>;
  /** Forgets the recorded requests and counts. */
  clear(name: string): void;
}

export interface ReceiversOptions {
  /** Secrets that sign what is sent to this receiver now. */
  secretsOf(name: string): Promise<readonly string[]>;
  onReceived(name: string, request: ReceivedRequest): void;
  /** Called after every change. */
  onChange(): void;
}

/** Requests kept for each receiver; older ones are forgotten. */
const KEPT_REQUESTS = 100;

interface Receiver {
  behaviour: Behaviour;
  received: number;
  verified: number;
  requests: ReceivedRequest[];
  waiting: Set<() => void>;
}

/** Endpoints of our own to deliver to: they check the signature over the raw bytes and fail on demand. */
export function createReceivers(options: ReceiversOptions): Receivers {
  const byName = new Map<string, Receiver>();

  function open(name: string): Receiver {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const receiver = {
      behaviour: ACCEPT,
      received: 0,
      verified: 0,
      requests: [],
      waiting: new Set<() => void>(),
    };
    byName.set(name, receiver);
    return receiver;
  }

  function stateOf(name: string, receiver: Receiver): ReceiverState {
    const { behaviour, received, verified, requests } = receiver;
    return { name, behaviour, received, verified, requests: [...requests] };
  }

  return {
    list: () => [...byName].map(([name, receiver]) => stateOf(name, receiver)),
    get: (name) => stateOf(name, open(name)),

    setBehaviour(name, behaviour) {
      open(name).behaviour = behaviour;
      options.onChange();
    },

    async receive(name, request) {
      const receivedAt = new Date().toISOString();
      const receiver = open(name);
      const body = new Uint8Array(await request.arrayBuffer());
      const verification = checkSignature(request.headers, body, await options.secretsOf(name));
      const { status, delayMs } = takeAnswer(receiver);
      receiver.received += 1;
      if (verification.ok) receiver.verified += 1;
      const received: ReceivedRequest = {
        number: receiver.received,
        receivedAt,
        method: request.method,
        headers: Object.fromEntries(request.headers),
        body,
        eventType: eventTypeOf(body),
        verification,
        answered: status,
      };
      receiver.requests.push(received);
      if (receiver.requests.length > KEPT_REQUESTS) receiver.requests.shift();
      for (const wake of receiver.waiting) wake();
      options.onReceived(name, received);
      options.onChange();
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      return answer(status, verification);
    },

    async waitFor(name, count, timeoutMs) {
      const receiver = open(name);
      const timer = AbortSignal.timeout(timeoutMs);
      while (receiver.received < count && !timer.aborted) {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            receiver.waiting.delete(wake);
            resolve();
          };
          receiver.waiting.add(wake);
          timer.addEventListener('abort', wake, { once: true });
        });
      }
      return stateOf(name, receiver);
    },

    clear(name) {
      Object.assign(open(name), { received: 0, verified: 0, requests: [] });
      options.onChange();
    },
  };
}

/** Counts a failure down, and accepts again after the last. */
function takeAnswer(receiver: Receiver): Behaviour {
  const { behaviour } = receiver;
  if (behaviour.failNext > 0) {
    const failNext = behaviour.failNext - 1;
    receiver.behaviour =
      failNext === 0 ? { ...ACCEPT, delayMs: behaviour.delayMs } : { ...behaviour, failNext };
  }
  return behaviour;
}

function checkSignature(headers: Headers, body: Uint8Array, secrets: readonly string[]): Verification {
  if (secrets.length === 0) {
    return { ok: false, code: 'no_secret', message: 'no subscription delivers to this receiver' };
  }
  const result: VerifyResult = verify({ headers, body, secrets });
  if (result.ok)
    return { ok: true, code: null, message: `secret ${result.secretIndex + 1} of ${secrets.length}` };
  return { ok: false, code: result.code, message: result.message };
}

function eventTypeOf(body: Uint8Array): string | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    const eventType =
      typeof value === 'object' && value !== null && 'eventType' in value ? value.eventType : null;
    return typeof eventType === 'string' ? eventType : null;
  } catch {
    // Anybody may post anything here; what is no JSON has no event type.
    return null;
  }
}

function answer(status: number, verification: Verification): Response {
  // These statuses must not have a body.
  if ([204, 205, 304].includes(status)) return new Response(null, { status });
  const isAccepted = status >= 200 && status < 300;
  const body = isAccepted ? { verified: verification.ok } : { detail: `told to answer ${status}` };
  return Response.json(body, { status });
}
