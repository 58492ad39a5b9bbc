import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isGone } from './client-watch.ts';
import type { StreamBytes } from './stream-bytes.ts';
import type { StreamSink } from './stream-sink.ts';

const END_MS = 30_000;

/**
 * A sink on a response of node:http or HTTP/2 whose head has been sent. Nobody else may write to it.
 * @param endMs a client that has not taken the rest so long after the end is cut off: it would keep a server from closing
 */
export function nodeSink(response: ServerResponse, endMs: number = END_MS): StreamSink {
  return new NodeSink(response, endMs);
}

/** A class, so that thousands of clients share its functions. */
class NodeSink implements StreamSink {
  private readonly response: ServerResponse;
  /** Undefined when bytes have to go through the response. */
  private readonly socket: Socket | undefined;
  private readonly isChunked: boolean;
  private readonly endMs: number;
  private isOver: boolean;
  private tellClosed: (() => void) | undefined;

  constructor(response: ServerResponse, endMs: number) {
    this.response = response;
    this.endMs = endMs;
    this.isOver = isGone(response);
    this.socket = bareSocket(response);
    this.isChunked = this.socket !== undefined && response.chunkedEncoding;
    const finish = (): void => this.finish();
    response.on('close', finish);
    // A client that goes away in the middle of a write is no error of ours; `close` follows.
    response.on('error', finish);
    // The heartbeat tells whether the client is there; the server's limit for idle connections must not end a stream.
    response.setTimeout(0);
  }

  write(bytes: StreamBytes): boolean {
    const { response, socket } = this;
    // Middleware may end a response, e.g. after a time limit; more bytes would damage the next one on the socket.
    if (this.isOver || response.writableEnded) return false;
    if (socket === undefined) return this.writeThrough(bytes.plain);
    // It ends before `close` when the client closes its half.
    return socket.writable && socket.write(this.isChunked ? bytes.chunk : bytes.plain);
  }

  bufferedBytes(): number {
    return this.target().writableLength;
  }

  drained(): Promise<void> {
    const target = this.target();
    return new Promise((resolve) => {
      // HTTP/2 has no `writableNeedDrain`, so `false` is asked for, not what is merely absent.
      if (this.isOver || target.writableNeedDrain === false || target.writableLength === 0) {
        resolve();
        return;
      }
      const settle = (): void => {
        target.off('drain', settle);
        this.response.off('close', settle);
        resolve();
      };
      target.on('drain', settle);
      this.response.on('close', settle);
    });
  }

  end(): void {
    const { response } = this;
    if (this.isOver === false) {
      const timer = setTimeout(() => response.destroy(), this.endMs).unref();
      response.on('close', () => clearTimeout(timer));
      response.end();
    }
    this.finish();
  }

  cut(): void {
    this.response.destroy();
    this.finish();
  }

  isClosed(): boolean {
    return this.isOver;
  }

  onClosed(listener: () => void): void {
    if (this.isOver) listener();
    else this.tellClosed = listener;
  }

  /** What middleware has made of `write` may throw, which must not keep the event from all other clients. */
  private writeThrough(bytes: Uint8Array): boolean {
    try {
      return this.response.write(bytes);
    } catch (error) {
      this.response.destroy(error instanceof Error ? error : undefined);
      this.finish();
      return false;
    }
  }

  private target(): Socket | ServerResponse {
    return this.socket ?? this.response;
  }

  private finish(): void {
    this.isOver = true;
    const tell = this.tellClosed;
    this.tellClosed = undefined;
    if (tell !== undefined) tell();
  }
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
