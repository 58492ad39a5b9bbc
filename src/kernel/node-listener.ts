import type { IncomingMessage, ServerResponse } from 'node:http';
import { watchClient } from './client-watch.ts';
import { describeError } from './describe-error.ts';
import { SlowClientError } from './errors.ts';
import { toRequest } from './node-request.ts';
import type { Logger } from './ports.ts';
import { handleProblems, internalError, PROBLEM_TYPE, problemBody } from './problem.ts';
import { stderrLogger } from './stderr-logger.ts';

/** What node:http calls for a request, and Express as a route handler or middleware. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Lets a `Request => Response` handler answer on node:http, Express and everything built like them. */
export function nodeListener(
  handler: (request: Request) => Promise<Response>,
  options: { readonly logger?: Logger | undefined } = {},
): NodeListener {
  const { logger = stderrLogger } = options;
  return respondTo(async (incoming, outgoing) => {
    const { signal } = watchClient(outgoing);
    const response = await handleProblems(() => handler(toRequest(incoming, signal)));
    // Who left meanwhile is not heard of again, and a stream would wait for ever.
    if (signal.aborted && response.body !== null) await response.body.cancel();
    else await sendResponse(response, incoming, outgoing);
  }, logger);
}

/** A listener whose failures are logged and answered with 500 and no detail. */
export function respondTo(
  respond: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
  logger: Logger | undefined,
): NodeListener {
  function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    respond(incoming, outgoing).catch((error: unknown) => {
      // Who was cut off for taking nothing is no failure of ours.
      if (logger !== undefined && !(error instanceof SlowClientError)) {
        // What follows the path may be a credential, as the ticket of a stream is.
        const [path] = (incoming.url ?? '').split('?');
        logger.error(`${incoming.method} ${path} failed`, { error: describeError(error) });
      }
      // Once the answer has begun, only the connection can tell the client.
      if (outgoing.headersSent) {
        outgoing.destroy();
        return;
      }
      outgoing.writeHead(500, { 'content-type': PROBLEM_TYPE }).end(problemBody(internalError));
    });
  }

  return (incoming, outgoing) => {
    // The answer to a pipelined request has no socket before its turn, and is not told if that never comes.
    if (outgoing.socket === null) outgoing.once('socket', () => answer(incoming, outgoing));
    else answer(incoming, outgoing);
  };
}

/** Writes a response out at the pace of the client; gives up when it goes away. */
export async function sendResponse(
  response: Response,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  // What is left of a body that nobody wants must not be taken for the next request.
  if (incoming.complete === false) outgoing.setHeader('connection', 'close');
  if (response.body === null || incoming.method === 'HEAD') {
    if (response.body !== null) await response.body.cancel();
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  let isOver = false;
  let wake = (): void => undefined;
  const drained = (): void => wake();
  const finish = (): void => {
    isOver = true;
    wake();
  };
  outgoing.on('drain', drained);
  outgoing.once('close', () => {
    finish();
    reader.cancel().catch(() => outgoing.destroy());
  });
  // The body may also fail while we wait, by cutting off a client that takes nothing.
  reader.closed.then(finish, finish);
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) break;
    if (outgoing.write(value) === false && isOver === false) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  outgoing.off('drain', drained);
  outgoing.end();
}
