/**
 * The wire format of Server-Sent Events (WHATWG HTML, section 9.2). All functions return whole blocks with their
 * blank line: text after the last one would be thrown away by the client.
 */

/** Block for one event. `data` may have several lines. */
export function encodeEvent(id: string, eventType: string, data: string): string {
  return `id: ${oneLine(id)}\nevent: ${oneLine(eventType)}\n${dataLines(data)}\n`;
}

/** Moves the client's cursor and dispatches nothing: an id takes effect even in a block without data. */
export function encodeCursor(id: string): string {
  return `id: ${oneLine(id)}\n\n`;
}

/** How long a client waits before it reconnects. */
export function encodeRetry(retryMs: number): string {
  return `retry: ${Math.max(0, Math.round(retryMs))}\n\n`;
}

function dataLines(data: string): string {
  // A bare CR ends a line too, so a value that has one could otherwise smuggle a field in.
  return data
    .split(/\r\n|\n|\r/)
    .map((line) => `data: ${line}\n`)
    .join('');
}

function oneLine(value: string): string {
  // A client ignores an id with U+0000; line ends would start another field.
  return value.replaceAll(/[\r\n\0]/g, '');
}
