/** What a browser makes of a stream. */
export interface SseReading {
  readonly events: { readonly type: string; readonly data: string; readonly lastEventId: string }[];
  /** What it would send as Last-Event-ID when it comes back; nothing when it is empty. */
  readonly lastEventId: string;
  readonly retry: number | undefined;
}

/** Interprets a whole stream by the letter of WHATWG HTML, sections 9.2.5 and 9.2.6. */
export function readSse(stream: Uint8Array): SseReading {
  // Decoding drops one BOM at the start.
  const lines = new TextDecoder('utf-8').decode(stream).split(/\r\n|\n|\r/);
  // What follows the last line end is no line.
  lines.pop();
  const events: SseReading['events'] = [];
  let [lastEventId, idBuffer, typeBuffer, dataBuffer] = ['', '', '', ''];
  let retry: number | undefined;
  for (const line of lines) {
    if (line === '') {
      lastEventId = idBuffer;
      if (dataBuffer !== '')
        events.push({ type: typeBuffer || 'message', data: dataBuffer.slice(0, -1), lastEventId });
      [typeBuffer, dataBuffer] = ['', ''];
      continue;
    }
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') typeBuffer = value;
    if (name === 'data') dataBuffer += `${value}\n`;
    if (name === 'id' && value.includes('\0') === false) idBuffer = value;
    if (name === 'retry' && /^[0-9]+$/.test(value)) retry = Number(value);
  }
  return { events, lastEventId, retry };
}
