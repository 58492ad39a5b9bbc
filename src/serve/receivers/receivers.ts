import { verify, type VerifyResult } from '../../kernel/verify.ts';
import { ACCEPT, describeBehaviour, takeTurn, type Behaviour, type Fault } from './behaviour.ts';

/** What came over the wire. */
export interface Message {
  readonly method: string;
  /** As the request line has it. */
  readonly target: string;
  readonly httpVersion: string;
  /** Name and value in turn, in the order and spelling of the sender. */
  readonly rawHeaders: readonly string[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes. */
  readonly body: Uint8Array;
}

export interface Verification {
  readonly ok: boolean;
  /** A code of the kernel's `verify`, or `no_secret`; null when it is good. */
  readonly code: string | null;
  readonly message: string;
}

export interface ReceivedRequest extends Message {
  /** From 1, in the order of arrival. */
  readonly number: number;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** Of the event in the body, where it is one. */
  readonly eventType: string | null;
  readonly verification: Verification;
  /** Status it is answered with; null where no answer is sent. */
  readonly answered: number | null;
  readonly fault: Fault | null;
}

export interface ReceiverState {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** The behaviour in words. */
  readonly says: string;
  /** Since serve started. */
  readonly received: number;
  readonly verified: number;
  /** The newest, oldest first. */
  readonly requests: readonly ReceivedRequest[];
}

export interface Receivers {
  list(): ReceiverState[];
  get(name: string): ReceiverState;
  setBehaviour(name: string, behaviour: Behaviour): Promise<void>;
  /**
   * Records a request, and gives how it is to be answered.
   * @param isReused it came over a connection that had one before
   */
  receive(
    name: string,
    message: Message,
    isReused: boolean,
  ): Promise<{ readonly turn: Behaviour; readonly isVerified: boolean }>;
  /** Resolves with the state once `count` requests came in, or with what there is when the time is over. */
  waitFor(name: string, count: number, timeoutMs: number): Promise<ReceiverState>;
  /** Forgets the recorded requests and counts. */
  clear(name: string): void;
}

export interface ReceiversOptions {
  /** Secrets that sign what is sent to this receiver now. */
  secretsOf(name: string): Promise<readonly string[]>;
  /** Sends what is for this receiver by another scheme from now on. */
  moveTo(name: string, protocol: 'http:' | 'https:'): Promise<void>;
  onReceived(name: string, request: ReceivedRequest): void;
  /** Called after every change. */
  onChange(): void;
}

/** Requests kept for each receiver; older ones are forgotten. */
const KEPT_REQUESTS = 100;

interface Receiver {
  behaviour: Behaviour;
  /** Requests since the behaviour was set. */
  drawn: number;
  received: number;
  verified: number;
  requests: ReceivedRequest[];
  waiting: Set<() => void>;
  /** What was cut off on a reused connection, by its signature. */
  cut: Map<string, Behaviour>;
}

/** Endpoints of our own to deliver to: they check the signature over the raw bytes and misbehave on demand. */
export function createReceivers(options: ReceiversOptions): Receivers {
  const byName = new Map<string, Receiver>();

  function open(name: string): Receiver {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const receiver = {
      behaviour: ACCEPT,
      drawn: 0,
      received: 0,
      verified: 0,
      requests: [],
      waiting: new Set<() => void>(),
      cut: new Map<string, Behaviour>(),
    };
    byName.set(name, receiver);
    return receiver;
  }

  function stateOf(name: string, receiver: Receiver): ReceiverState {
    const { behaviour, received, verified, requests } = receiver;
    const says = describeBehaviour(behaviour);
    return { name, behaviour, says, received, verified, requests: [...requests] };
  }

  return {
    list: () => [...byName].map(([name, receiver]) => stateOf(name, receiver)),
    get: (name) => stateOf(name, open(name)),

    async setBehaviour(name, behaviour) {
      const receiver = open(name);
      const wasTls = receiver.behaviour.fault === 'untrusted_tls';
      const isTls = behaviour.fault === 'untrusted_tls';
      if (isTls !== wasTls) await options.moveTo(name, isTls ? 'https:' : 'http:');
      Object.assign(receiver, { behaviour, drawn: 0 });
      options.onChange();
    },

    async receive(name, message, isReused) {
      const receivedAt = new Date().toISOString();
      const receiver = open(name);
      const verification = checkSignature(message, await options.secretsOf(name));
      const turn = turnOf(receiver, message, isReused);
      receiver.received += 1;
      if (verification.ok) receiver.verified += 1;
      const received: ReceivedRequest = {
        number: receiver.received,
        receivedAt,
        ...message,
        eventType: eventTypeOf(message.body),
        verification,
        answered: turn.fault === 'reset' || turn.fault === 'no_answer' ? null : turn.status,
        fault: turn.fault,
      };
      receiver.requests.push(received);
      if (receiver.requests.length > KEPT_REQUESTS) receiver.requests.shift();
      for (const wake of receiver.waiting) wake();
      options.onReceived(name, received);
      options.onChange();
      return { turn, isVerified: verification.ok };
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

/**
 * A sender takes a reset of a reused connection for one that had been idle too long, and sends again over a new one
 * (RFC 9112, 9.3.1). That is the same attempt, and gets the same.
 */
function turnOf(receiver: Receiver, { headers }: Message, isReused: boolean): Behaviour {
  const signature = headers['webhook-signature'];
  const before = signature === undefined ? undefined : receiver.cut.get(signature);
  if (signature !== undefined && before !== undefined) {
    receiver.cut.delete(signature);
    return before;
  }
  const { turn, next } = takeTurn(receiver.behaviour, receiver.drawn);
  receiver.behaviour = next;
  receiver.drawn += 1;
  if (signature !== undefined && isReused && turn.fault === 'reset') receiver.cut.set(signature, turn);
  return turn;
}

const NO_SECRET =
  'no subscription of this serve delivers to this receiver, so its secret is not known here: ' +
  'check the request with "evtgen verify-sig --request"';

function checkSignature({ headers, body }: Message, secrets: readonly string[]): Verification {
  if (secrets.length === 0) {
    return { ok: false, code: 'no_secret', message: NO_SECRET };
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
