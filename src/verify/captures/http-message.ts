import { EvtgenError } from '../../ui/errors.ts';
import { ChunkError, joinChunks } from './chunks.ts';
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
    announcedBytes: undefined,
    overlong: undefined,
  };
  if (headers['transfer-encoding']?.at(-1)?.trim().toLowerCase().endsWith('chunked') === true) {
    return { ...facts, body: bodyOfChunks(rest, where) };
  }
  const announced = headers['content-length']?.[0]?.trim();
  if (announced === undefined) return { ...facts, body: rest };
  if (!/^\d{1,15}$/.test(announced)) throw malformed(where, `content-length is "${announced}"`);
  const length = Number(announced);
  // What follows the announced length, such as the newline an editor adds, is not part of the message.
  return {
    ...facts,
    body: rest.subarray(0, length),
    announcedBytes: length > rest.length ? length : undefined,
    overlong: length < rest.length ? rest : undefined,
  };
}

/** A proxy in front knows the scheme that the sender used; without one it is TLS, as webhooks go. */
export function urlOf(target: string | undefined, headers: HeaderFields): string | undefined {
  if (target === undefined) return undefined;
  if (/^https?:\/\//i.test(target)) return target;
  const host = firstOf(headers, 'x-forwarded-host') ?? headerOf(headers, 'host');
  if (host === undefined || !target.startsWith('/')) return undefined;
  return `${firstOf(headers, 'x-forwarded-proto') ?? 'https'}://${host}${target}`;
}

/** Each proxy of a chain adds its own after a comma. */
function firstOf(headers: HeaderFields, name: string): string | undefined {
  return headerOf(headers, name)?.split(',')[0]?.trim();
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
      // Without the line: a file of secrets may have been given by mistake.
      throw new EvtgenError('header_malformed', `${place(index)}: this is not a header`, {
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

/** Some recorders keep the header and undo the chunks: a body that does not start with a size has none. */
function bodyOfChunks(rest: Uint8Array, where: string): Uint8Array {
  if (!/^[\da-f]+\s*(?:;.*)?\r?\n/i.test(latin1(rest.subarray(0, 1000)))) return rest;
  try {
    return joinChunks(rest);
  } catch (error) {
    if (error instanceof ChunkError) throw malformed(where, error.message);
    throw error;
  }
}

/** HTTP header bytes read as node:http reads them, so that the verdict is the one a Node receiver would reach. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function malformed(where: string, what: string): EvtgenError {
  return new EvtgenError('http_message_malformed', `${where} is not a raw HTTP message: ${what}`, {
    hint: 'expected a request line, headers, an empty line and the body, exactly as received',
  });
}
