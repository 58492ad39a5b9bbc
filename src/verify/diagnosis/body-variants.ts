import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { joinChunks } from '../captures/chunks.ts';
import { headerOf, type Message } from '../message.ts';
import { jsonVariants } from './json-variants.ts';
import { variant, type BodyVariant } from './variant.ts';

/** Larger bodies are tried with the cheap variants only. */
const MAX_TEXT_BYTES = 4_000_000;
const MAX_INFLATED_BYTES = 20_000_000;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The bodies from which the captured one may have been made by one realistic mistake, likeliest first. Each is made
 * when it is asked for.
 */
export function* bodyVariants(
  message: Pick<Message, 'body' | 'headers' | 'overlong'>,
): Generator<BodyVariant> {
  const { body, overlong, headers } = message;
  const seen = new Set<string>([keyOf(body)]);
  const longer = overlong === undefined ? [] : [longerVariants(overlong, body.length, headers)];
  for (const variants of [...longer, allVariants(asBuffer(body), headers)]) {
    for (const each of variants) {
      const key = keyOf(each.body);
      if (seen.has(key)) continue;
      seen.add(key);
      yield each;
    }
  }
}

/** Where the body grew after `content-length` was written, what is announced is only its beginning. */
function* longerVariants(
  overlong: Uint8Array,
  announced: number,
  headers: Message['headers'],
): Generator<BodyVariant> {
  const text = `content-length announces ${announced} bytes, but all ${overlong.length} that follow were signed`;
  yield variant(overlong, 'body_truncated', text);
  yield* allVariants(asBuffer(overlong), headers);
}

/** The same memory: a body may be large. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function* allVariants(body: Buffer, headers: Message['headers']): Generator<BodyVariant> {
  yield* lineVariants(body);
  if (body.length <= MAX_TEXT_BYTES) {
    const text = asText(body);
    if (text !== null) {
      yield* jsonVariants(text);
      yield* encodingVariants(text);
    }
    yield* charsetVariants(body, text);
  }
  yield* framingVariants(body, headers);
}

function* lineVariants(body: Buffer): Generator<BodyVariant> {
  const newline = 'body_trailing_newline';
  yield variant(withoutNewline(body), newline, 'a newline was added at the end of the body');
  yield variant(appended(body, '\n'), newline, 'the newline at the end of the body was taken off');
  yield variant(appended(body, '\r\n'), newline, 'the CRLF at the end of the body was taken off');
  if (body.length <= MAX_TEXT_BYTES) yield* lineEndVariants(body);
  if (body.subarray(0, 3).equals(BOM)) {
    const plain = body.subarray(3);
    yield variant(plain, 'body_bom', 'a byte order mark was put before the body');
    yield variant(
      withoutNewline(plain),
      'body_bom',
      'a byte order mark was put before the body, and a newline after it',
    );
  } else {
    yield variant(Buffer.concat([BOM, body]), 'body_bom', 'the byte order mark of the body was taken off');
  }
  yield variant(trimmed(body, isSpace), 'body_whitespace', 'white space was added around the body');
  let end = body.length;
  while (body[end - 1] === 0) end -= 1;
  yield variant(body.subarray(0, end), 'body_whitespace', 'NUL bytes were added after the body');
}

function* lineEndVariants(body: Buffer): Generator<BodyVariant> {
  const latin1 = body.toString('latin1');
  const ends = 'body_line_ends';
  const lf = Buffer.from(latin1.replaceAll('\r\n', '\n'), 'latin1');
  const crlf = Buffer.from(latin1.replaceAll(/\r?\n/g, '\r\n'), 'latin1');
  const [madeCrlf, madeLf] = [
    'line ends of the body were made CRLF',
    'CRLF line ends of the body were made LF',
  ];
  yield variant(lf, ends, madeCrlf);
  yield variant(crlf, ends, madeLf);
  yield variant(withoutNewline(lf), ends, `${madeCrlf}, and one was added at its end`);
  yield variant(appended(crlf, '\r\n'), ends, `${madeLf}, and the last taken off`);
}

function withoutNewline(body: Buffer): Buffer {
  if (body.at(-1) !== 0x0a) return body;
  return body.subarray(0, body.at(-2) === 0x0d ? -2 : -1);
}

function appended(body: Buffer, text: string): Buffer {
  return Buffer.concat([body, Buffer.from(text)]);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** By hand: a regular expression for blanks at the end takes time that grows with the square of their number. */
function trimmed(body: Buffer, isDropped: (byte: number) => boolean): Buffer {
  let start = 0;
  let end = body.length;
  while (start < end && isDropped(body[start] ?? -1)) start += 1;
  while (end > start && isDropped(body[end - 1] ?? -1)) end -= 1;
  return body.subarray(start, end);
}

function* encodingVariants(text: string): Generator<BodyVariant> {
  const inner = parsed(text);
  if (typeof inner === 'string') {
    const message = 'the body was encoded as JSON twice: it is a string that holds the JSON';
    yield variant(Buffer.from(inner), 'body_double_encoded', message);
  }
  const once = 'the body was decoded once too often: a JSON string was signed that holds this';
  yield variant(Buffer.from(JSON.stringify(text)), 'body_double_encoded', once);
  if (/^[A-Za-z\d+/_-]+=*\s*$/.test(text) && text.length >= 4) {
    yield variant(Buffer.from(text.trim(), 'base64'), 'body_base64', 'the body is written in base64');
  }
  const form = 'the body was taken out of its form: the form itself was signed';
  yield variant(Buffer.from(`payload=${encodeURIComponent(text)}`), 'body_form', form);
  yield variant(Buffer.from(`payload=${encodeURIComponent(text).replaceAll('%20', '+')}`), 'body_form', form);
  if (/^[\w.%+*~-]+=/.test(text)) {
    const again = 'the form was parsed and written again: spaces are encoded otherwise';
    yield variant(Buffer.from(text.replaceAll('+', '%20')), 'body_form', again);
    yield variant(Buffer.from(text.replaceAll('%20', '+')), 'body_form', again);
    const json = new URLSearchParams(text).get('payload');
    if (json !== null)
      yield variant(Buffer.from(json), 'body_form', 'the JSON was signed, not the form around it');
  }
}

function* charsetVariants(body: Buffer, text: string | null): Generator<BodyVariant> {
  if (text !== null) {
    const message =
      'the body was decoded with another charset than it was sent in (Latin-1 for UTF-8, or the reverse)';
    const latin1 = singleBytes(text, 'latin1');
    if (latin1 !== null) yield variant(latin1, 'body_charset', message);
    const windows = singleBytes(text, 'windows-1252');
    if (windows !== null) yield variant(windows, 'body_charset', message);
    const utf16 = 'the body was sent in UTF-16 and converted';
    yield variant(Buffer.from(text, 'utf16le'), 'body_charset', utf16);
    yield variant(Buffer.from(`\uFEFF${text}`, 'utf16le'), 'body_charset', utf16);
  } else {
    const message = 'the body was converted to Latin-1; it was signed in UTF-8';
    yield variant(Buffer.from(body.toString('latin1')), 'body_charset', message);
  }
}

function* framingVariants(body: Buffer, headers: Message['headers']): Generator<BodyVariant> {
  const inflate = inflaterOf(body, headerOf(headers, 'content-encoding'));
  if (inflate !== null) {
    const plain = attempt(() => inflate(body));
    if (plain !== null) {
      yield variant(plain, 'body_compressed', 'the body is compressed, and was signed before that');
    }
  } else {
    const message = 'the body was decompressed: its compressed form was signed';
    if (body.length > MAX_TEXT_BYTES) return;
    for (const level of [6, 1, 9]) {
      const zipped = gzipSync(body, { level });
      for (const system of [3, 0xff, 0x13, 0]) {
        const copy = Buffer.from(zipped);
        // The tenth byte names the operating system, which every library fills in otherwise (RFC 1952).
        copy[9] = system;
        yield variant(copy, 'body_compressed', message);
      }
      if (body.length > 100_000) break;
    }
  }
  const joined = attempt(() => joinChunks(body));
  if (joined !== null) {
    yield variant(joined, 'body_chunked', 'the chunk sizes of the transfer were left in the body');
  }
}

function keyOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64');
}

function asText(body: Buffer): string | null {
  return attempt(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
}

function parsed(text: string): unknown {
  return attempt((): unknown => JSON.parse(text));
}

/** For what has no way to ask whether it would succeed. */
function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}

/** The text in a charset of single bytes; null where a character has none, or nothing would change. */
function singleBytes(text: string, charset: 'latin1' | 'windows-1252'): Buffer | null {
  if (!/[^\0-\x7F]/.test(text)) return null;
  const bytes = Buffer.alloc(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = charset === 'latin1' ? text.charCodeAt(index) : windowsByte(text.charAt(index));
    if (code === undefined || code > 0xff) return null;
    bytes[index] = code;
  }
  return bytes;
}

let windowsBytes: Map<string, number> | undefined;

function windowsByte(char: string): number | undefined {
  if (windowsBytes === undefined) {
    const all = new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, index) => index));
    windowsBytes = new Map([...all].map((each, index) => [each, index]));
  }
  return windowsBytes.get(char);
}

function inflaterOf(body: Buffer, encoding: string | undefined): ((body: Buffer) => Buffer) | null {
  const options = { maxOutputLength: MAX_INFLATED_BYTES };
  if (body[0] === 0x1f && body[1] === 0x8b) return (zipped) => gunzipSync(zipped, options);
  if (encoding === 'br') return (zipped) => brotliDecompressSync(zipped, options);
  if (encoding === 'deflate') {
    // Some senders leave the zlib header out, against RFC 9110 section 8.4.1.2.
    return (zipped) => (zipped[0] === 0x78 ? inflateSync(zipped, options) : inflateRawSync(zipped, options));
  }
  return null;
}
