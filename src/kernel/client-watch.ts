import type { ServerResponse } from 'node:http';

/** Tells whether the client goes away before it has its answer. */
export interface ClientWatch {
  readonly signal: AbortSignal;
  /** Stops watching, so that a long answer does not keep the request in memory. */
  release(): void;
}

export function watchClient(outgoing: ServerResponse): ClientWatch {
  const gone = new AbortController();
  const abort = (): void => {
    // To HTTP/2 whatever was closed is finished, and to HTTP/1 what was ended need not have been sent.
    if ((outgoing.writableEnded && outgoing.writableFinished) === false) gone.abort();
  };
  if (isGone(outgoing)) gone.abort();
  else outgoing.on('close', abort);
  return { signal: gone.signal, release: () => void outgoing.off('close', abort) };
}

/** True when `close` came already: it comes once, and middleware may have awaited something meanwhile. */
export function isGone(outgoing: ServerResponse): boolean {
  // HTTP/2 tells by having no socket any more; before its turn, the answer to a pipelined request has null.
  return outgoing.destroyed || outgoing.socket === undefined;
}
