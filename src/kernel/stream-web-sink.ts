import { SlowClientError } from './errors.ts';
import type { StreamSink } from './stream-sink.ts';

const BUFFER_BYTES = 16 * 1024;

/** A sink whose bytes are the body of a web `Response`. */
export function webSink(): { readonly sink: StreamSink; readonly body: ReadableStream<Uint8Array> } {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isClosed = false;
  let tellClosed: () => void = () => undefined;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const finish = (): void => {
    if (isClosed) return;
    isClosed = true;
    tellClosed();
    wake();
  };

  const body = new ReadableStream<Uint8Array>(
    {
      start(given): void {
        controller = given;
      },
      pull: wake,
      cancel: finish,
    },
    // The types of Node, which count where those of the DOM are left out, say that there may be no chunk.
    { highWaterMark: BUFFER_BYTES, size: (chunk?: Uint8Array) => chunk?.byteLength ?? 0 },
  );
  const room = (): number => (controller === undefined ? 0 : (controller.desiredSize ?? 0));

  function finishBy(how: (stream: ReadableStreamDefaultController<Uint8Array>) => void): void {
    if (isClosed || controller === undefined) return;
    how(controller);
    finish();
  }

  const sink: StreamSink = {
    write(bytes): boolean {
      if (isClosed || controller === undefined) return false;
      controller.enqueue(bytes.plain);
      return room() > 0;
    },
    bufferedBytes: () => BUFFER_BYTES - room(),
    drained: () =>
      isClosed || room() > 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve)),
    end: () => finishBy((stream) => stream.close()),
    cut: () => finishBy((stream) => stream.error(new SlowClientError())),
    isClosed: () => isClosed,
    onClosed(listener): void {
      tellClosed = listener;
      if (isClosed) listener();
    },
  };
  return { sink, body };
}
