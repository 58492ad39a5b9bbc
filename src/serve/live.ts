import { encodeCursor, encodeEvent, encodeRetry } from '../kernel/sse.ts';

/** Tells open pages that there is something new; they fetch what they show. */
export interface LiveUpdates {
  changed(): void;
  /** A Server-Sent Events stream. */
  open(): Response;
  /** Ends all streams. */
  close(): void;
}

/** At most so often, however much happens. */
const COALESCE_MS = 100;
/** Keeps proxies and browsers from giving the connection up. */
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1000;

export function createLiveUpdates(): LiveUpdates {
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  /** Pages that have not taken what was sent to them: they are told once more when they do. */
  const behind = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();
  let version = 0;
  let pending: NodeJS.Timeout | undefined;
  const heartbeat = setInterval(() => send(encodeCursor(String(version))), HEARTBEAT_MS).unref();

  function send(text: string): void {
    for (const stream of streams) {
      if ((stream.desiredSize ?? 0) > 0) stream.enqueue(encoder.encode(text));
      else behind.add(stream);
    }
  }

  const news = (): string => encodeEvent(String(version), 'changed', '{}');

  return {
    changed() {
      pending ??= setTimeout(() => {
        pending = undefined;
        version += 1;
        send(news());
      }, COALESCE_MS);
    },

    open() {
      let own: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          own = controller;
          streams.add(controller);
          controller.enqueue(encoder.encode(encodeRetry(RETRY_MS)));
        },
        pull(controller) {
          if (behind.delete(controller)) controller.enqueue(encoder.encode(news()));
        },
        cancel() {
          if (own === undefined) return;
          streams.delete(own);
          behind.delete(own);
        },
      });
      return new Response(body, {
        headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' },
      });
    },

    close() {
      clearInterval(heartbeat);
      clearTimeout(pending);
      for (const stream of streams) stream.close();
      streams.clear();
      behind.clear();
    },
  };
}
