import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { watchClient } from '../../kernel/client-watch.ts';
import type { Behaviour } from './behaviour.ts';

/** These must not have a body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Answers as told, or breaks off as told; ends early when the sender has gone. */
export async function writeAnswer(
  turn: Behaviour,
  isVerified: boolean,
  outgoing: ServerResponse,
): Promise<void> {
  const { signal } = watchClient(outgoing);
  try {
    if (turn.delayMs > 0) await sleep(turn.delayMs, undefined, { signal });
    if (turn.fault === 'no_answer') return;
    if (turn.fault === 'reset') {
      resetConnection(outgoing);
      return;
    }
    const body = BODILESS.has(turn.status) ? Buffer.alloc(0) : bodyOf(turn, isVerified);
    outgoing.writeHead(turn.status, headersOf(turn, body.byteLength));
    if (turn.fault === 'reset_after_headers') {
      // Flushed first: a reset drops what the kernel of the operating system has not sent.
      outgoing.write(body.subarray(0, 1), () => resetConnection(outgoing));
      return;
    }
    if (turn.dripMs > 0) await drip(outgoing, body, turn.dripMs, signal);
    outgoing.end(turn.dripMs > 0 ? undefined : body);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function drip(
  outgoing: ServerResponse,
  body: Uint8Array,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  outgoing.flushHeaders();
  for (let index = 0; index < body.byteLength; index++) {
    await sleep(everyMs, undefined, { signal });
    outgoing.write(body.subarray(index, index + 1));
  }
}

/** With RST, so that the sender sees a reset and not the end of a stream. */
function resetConnection({ socket }: ServerResponse): void {
  // TLS has no reset of its own.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

function headersOf(turn: Behaviour, length: number): Record<string, string> {
  const { retryAfterSeconds, retryAfterForm, location, status, bodyBytes } = turn;
  const headers: Record<string, string> = {};
  if (!BODILESS.has(status)) {
    headers['content-type'] = bodyBytes === null ? 'application/json' : 'text/plain';
    headers['content-length'] = String(length);
  }
  if (location !== null) headers['location'] = location;
  if (retryAfterSeconds !== null) {
    headers['retry-after'] =
      retryAfterForm === 'seconds'
        ? String(retryAfterSeconds)
        : new Date(Date.now() + retryAfterSeconds * 1000).toUTCString();
  }
  return headers;
}

function bodyOf({ status, bodyBytes }: Behaviour, isVerified: boolean): Buffer {
  if (bodyBytes !== null) return Buffer.alloc(bodyBytes, '.');
  const isAccepted = status >= 200 && status < 300;
  return Buffer.from(
    JSON.stringify(isAccepted ? { verified: isVerified } : { detail: `told to answer ${status}` }),
  );
}
