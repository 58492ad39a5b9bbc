import { EvtgenError } from '../../ui/errors.ts';
import { headerOf, type HeaderFields, type Message } from '../message.ts';

const LF = 0x0a;
const START_LINE =
  /^(?:(?<method>[A-Z]+) (?<target>\S+)(?: HTTP\/\d(?:\.\d)?)?|HTTP\/\d(?:\.\d)? \d{3}(?: .*)?)$/;

/**
 * Reads a captured HTTP/1.1 request or response (RFC 9112). Line ends may be CRLF or LF, as editors leave them; the
 * body is cut out as bytes and never decoded.
 * @param where names the capture in errors.
 * @throws EvtgenError `http_message_malformed` when it is no HTTP message.
 */
export function parseHttpMessage(bytes: Uint8Array, where: string): Message {
  const { lines, rest } = splitHead(bytes, where);
  const start = START_LINE.exec(lines[0] ?? '')?.groups;
  const headers = parseHeaderLines(start === undefined ? lines : lines.slice(1), (index) => {
    return `${where}:${index + (start === undefined ? 1 : 2)}`;
  });
  const facts = {
    headers,
    method: start?.['method'] ?? 'POST',
    url: urlOf(start?.['target'], headers),
    receivedAt: undefined,
  };
  if (headers['transfer-encoding']?.at(-1)?.trim().toLowerCase().endsWith('chunked') === true) {
    return { ...facts, body: joinChunks(rest, where), announcedBytes: undefined };
  }
  const announced = headers['content-length']?.[0]?.trim();
  if (announced === undefined) return { ...facts, body: rest, announcedBytes: undefined };
  if (!/^\d{1,15}$/.test(announced)) throw malformed(where, `content-length is "${announced}"`);
  const length = Number(announced);
  // What follows the announced length, such as the newline an editor adds, is not part of the message.
  return {
    ...facts,
    body: rest.subarray(0, length),
    announcedBytes: length > rest.length ? length : undefined,
  };
}

/** A proxy in front knows the scheme that the sender used; without one it is TLS, as webhooks go. */
function urlOf(target: string | undefined, headers: HeaderFields): string | undefined {
  if (target === undefined) return undefined;
  if (/^https?:\/\//i.test(target)) return target;
  const host = headerOf(headers, 'x-forwarded-host') ?? headerOf(headers, 'host');
  if (host === undefined || !target.startsWith('/')) return undefined;
  return `${headerOf(headers, 'x-forwarded-proto')?.split(',')[0]?.trim() ?? 'https'}://${host}${target}`;
}

/**
 * Reads `name: value` lines.
 * @throws EvtgenError `header_malformed` naming the place of a line that is none.
 */
export function parseHeaderLines(lines: readonly string[], place: (index: number) => string): HeaderFields {
  const fields = new Map<string, string[]>();
  for (const [index, line] of lines.entries()) {
    const match = /^([!#$%&'*+\-.^_`|~\w]+):(.*)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new EvtgenError('header_malformed', `${place(index)}: "${shorten(line)}" is not a header`, {
        hint: "a header reads 'name: value'",
      });
    }
    const name = match[1].toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), match[2].trim()]);
  }
  return Object.fromEntries(fields);
}

function splitHead(bytes: Uint8Array, where: string): { lines: string[]; rest: Uint8Array } {
  const lines: string[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(LF, start);
    if (end === -1) throw malformed(where, 'no empty line ends its headers');
    const line = latin1(bytes.subarray(start, end)).replace(/\r$/, '');
    start = end + 1;
    if (line === '') return { lines, rest: bytes.subarray(start) };
    lines.push(line);
  }
}

/** Undoes chunked framing (RFC 9112 section 7.1); trailers are dropped. */
function joinChunks(bytes: Uint8Array, where: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(LF, start);
    const size =
      end === -1
        ? undefined
        : /^([\da-fA-F]{1,8})\s*(?:;.*)?\r?$/.exec(latin1(bytes.subarray(start, end)))?.[1];
    if (size === undefined) throw malformed(where, 'its chunked body ends before the last chunk');
    const length = Number.parseInt(size, 16);
    if (length === 0) return Buffer.concat(chunks);
    const data = bytes.subarray(end + 1, end + 1 + length);
    const next = bytes.indexOf(LF, end + 1 + length);
    if (data.length < length || next === -1 || latin1(bytes.subarray(end + 1 + length, next)).trim() !== '') {
      throw malformed(where, `a chunk of its body has not the ${length} bytes it announces`);
    }
    chunks.push(data);
    start = next + 1;
  }
}

/** HTTP header bytes read as node:http reads them, so that the verdict is the one a Node receiver would reach. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function shorten(line: string): string {
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

function malformed(where: string, what: string): EvtgenError {
  return new EvtgenError('http_message_malformed', `${where} is not a raw HTTP message: ${what}`, {
    hint: 'expected a request line, headers, an empty line and the body, exactly as received',
  });
}
