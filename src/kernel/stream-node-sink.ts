import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { StreamSink } from './stream-sink.ts';

/**
 * A sink on a response of node:http or HTTP/2 whose head has been sent. Nobody else may write to it.
 */
export function nodeSink(response: ServerResponse): StreamSink {
  const socket = bareSocket(response);
  const target = socket ?? response;
  const form = socket !== undefined && response.chunkedEncoding ? 'chunk' : 'plain';
  let isClosed = false;
  let close: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const finish = (): void => {
    isClosed = true;
    close();
  };
  response.once('close', finish);
  // A client that goes away in the middle of a write is no error of ours; `close` follows.
  response.on('error', finish);
  // The heartbeat tells whether the client is there; the server's limit for idle connections must not end a stream.
  response.setTimeout(0);

  return {
    // Middleware may end a response, e.g. after a time limit; more bytes would damage the next one on the socket.
    write: (bytes) => isClosed === false && response.writableEnded === false && target.write(bytes[form]),
    bufferedBytes: () => target.writableLength,
    drained: () =>
      new Promise((resolve) => {
        // HTTP/2 has no `writableNeedDrain`, so `false` is asked for, not what is merely absent.
        if (isClosed || target.writableNeedDrain === false || target.writableLength === 0) {
          resolve();
          return;
        }
        const settle = (): void => {
          target.off('drain', settle);
          response.off('close', settle);
          resolve();
        };
        target.on('drain', settle);
        response.on('close', settle);
      }),
    end(): void {
      if (isClosed === false) response.end();
      finish();
    },
    cut(): void {
      response.destroy();
      finish();
    },
    isClosed: () => isClosed,
    closed,
  };
}

/**
 * The socket of a response, where bytes written to it are certain to arrive as its body. That saves framing the same
 * event for each client again, which is a third of the work.
 */
function bareSocket(response: ServerResponse): Socket | undefined {
  const { socket } = response;
  // HTTP/2 and test doubles are other classes, and middleware that compresses or records replaces `write`.
  const isPlain =
    response instanceof ServerResponse &&
    response.write === ServerResponse.prototype.write &&
    response.end === ServerResponse.prototype.end;
  // An answer to a pipelined request has no socket before its turn.
  return isPlain && response.headersSent && socket !== null ? socket : undefined;
}
