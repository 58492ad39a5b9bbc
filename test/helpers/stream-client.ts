import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { eventually } from './eventually.ts';
import { readSse, type SseReading } from './sse-reader.ts';

/** A client of a live stream, on a connection of its own, that has its first bytes. */
export interface StreamClient {
  readonly headers: IncomingHttpHeaders;
  /** Everything so far. */
  reading(): SseReading;
  /** Resolves once so many events are there. */
  until(count: number): Promise<SseReading>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<unknown>;
  leave(): void;
}

export async function openStreamClient(
  url: string,
  headers: Record<string, string> = {},
): Promise<StreamClient> {
  // Clients that keep connections may open a further one for nothing, and a server that closes waits for it.
  const request = get(url, { agent: false, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode}`);
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(response, 'end');
  // Who leaves does not wait for the end.
  ended.catch(() => undefined);
  response.on('error', () => undefined);
  const reading = (): SseReading => readSse(Buffer.concat(chunks));
  await eventually('the stream has begun', () => chunks.length > 0);
  return {
    headers: response.headers,
    reading,
    async until(count): Promise<SseReading> {
      await eventually(`${count} events are there`, () => reading().events.length >= count);
      return reading();
    },
    ended,
    leave: () => void request.destroy(),
  };
}
