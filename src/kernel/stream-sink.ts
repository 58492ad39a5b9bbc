import type { ServerResponse } from 'node:http';

/** Where the bytes for one client go. */
export interface StreamSink {
  /** False when the client is behind: wait for `drained` before writing much more. */
  write(bytes: Uint8Array): boolean;
  /** Written, and not yet taken by the client. */
  bufferedBytes(): number;
  /** Resolves when there is room again or the client is gone. */
  drained(): Promise<void>;
  /** Ends after what was written. */
  end(): void;
  /** Ends at once. */
  cut(): void;
  /** Fires when it has ended, from whichever side. */
  readonly closed: AbortSignal;
}

/** A sink on a response of node:http. */
export function nodeSink(response: ServerResponse): StreamSink {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  // A client that goes away in the middle of a write is no error of ours; `close` follows.
  response.on('error', () => closed.abort());
  return {
    write: (bytes) => closed.signal.aborted === false && response.write(bytes),
    bufferedBytes: () => response.writableLength,
    drained: () =>
      new Promise((resolve) => {
        if (closed.signal.aborted || response.writableNeedDrain === false) {
          resolve();
          return;
        }
        const settle = (): void => {
          response.off('drain', settle);
          response.off('close', settle);
          resolve();
        };
        response.on('drain', settle);
        response.on('close', settle);
      }),
    end(): void {
      response.end();
      closed.abort();
    },
    cut(): void {
      response.destroy();
      closed.abort();
    },
    closed: closed.signal,
  };
}

const STREAM_BUFFER_BYTES = 16 * 1024;

/** A sink whose bytes are the body of a web `Response`. */
export function webSink(): { readonly sink: StreamSink; readonly body: ReadableStream<Uint8Array> } {
  const closed = new AbortController();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  const body = new ReadableStream<Uint8Array>(
    {
      start(given): void {
        controller = given;
      },
      pull: wake,
      cancel(): void {
        closed.abort();
        wake();
      },
    },
    { highWaterMark: STREAM_BUFFER_BYTES, size: (chunk) => chunk.byteLength },
  );
  const room = (): number => (controller === undefined ? 0 : (controller.desiredSize ?? 0));

  function finish(how: (stream: ReadableStreamDefaultController<Uint8Array>) => void): void {
    if (closed.signal.aborted || controller === undefined) return;
    closed.abort();
    how(controller);
    wake();
  }

  const sink: StreamSink = {
    write(bytes): boolean {
      if (closed.signal.aborted || controller === undefined) return false;
      controller.enqueue(bytes);
      return room() > 0;
    },
    bufferedBytes: () => STREAM_BUFFER_BYTES - room(),
    drained: () =>
      closed.signal.aborted || room() > 0
        ? Promise.resolve()
        : new Promise((resolve) => void waiting.push(resolve)),
    end: () => finish((stream) => stream.close()),
    cut: () => finish((stream) => stream.error(new Error('the client was too slow'))),
    closed: closed.signal,
  };
  return { sink, body };
}
