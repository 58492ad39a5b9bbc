import { brotliDecompressSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { cause, type Cause, type CauseCode } from '../causes.ts';
import { headerOf, type Message } from '../message.ts';
import { restyleJson, type JsonStyle } from './json-text.ts';

/** A body that may have been signed, and what then happened to it. */
export interface BodyVariant {
  readonly body: Uint8Array;
  readonly cause: Cause;
}

/** Larger bodies are tried with the cheap variants only. */
const MAX_JSON_BYTES = 4_000_000;
const MAX_INFLATED_BYTES = 20_000_000;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The bodies from which the captured one may have been made by one realistic mistake, likeliest first. Each is made
 * when it is asked for.
 */
export function* bodyVariants({ body, headers }: Pick<Message, 'body' | 'headers'>): Generator<BodyVariant> {
  const seen = new Set<string>([keyOf(body)]);
  for (const variant of allVariants(Buffer.from(body), headers)) {
    const key = keyOf(variant.body);
    if (seen.has(key)) continue;
    seen.add(key);
    yield variant;
  }
}

function* allVariants(body: Buffer, headers: Message['headers']): Generator<BodyVariant> {
  yield* lineVariants(body);
  const text = asText(body);
  if (text !== null && body.length <= MAX_JSON_BYTES) {
    yield* jsonVariants(text);
    yield* encodingVariants(text);
  }
  yield* charsetVariants(body, text);
  yield* framingVariants(body, headers);
}

function* lineVariants(body: Buffer): Generator<BodyVariant> {
  const latin1 = body.toString('latin1');
  const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
  const newline = 'body_trailing_newline';
  yield variant(bytes(latin1.replace(/\r?\n$/, '')), newline, 'a newline was added at the end of the body');
  yield variant(bytes(`${latin1}\n`), newline, 'the newline at the end of the body was taken off');
  yield variant(bytes(`${latin1}\r\n`), newline, 'the CRLF at the end of the body was taken off');
  const ends = 'body_line_ends';
  yield variant(bytes(latin1.replaceAll('\r\n', '\n')), ends, 'line ends of the body were made CRLF');
  yield variant(bytes(latin1.replaceAll(/\r?\n/g, '\r\n')), ends, 'CRLF line ends of the body were made LF');
  const crlfBody = latin1.replaceAll(/\r?\n/g, '\r\n');
  yield variant(
    bytes(`${crlfBody}\r\n`),
    ends,
    'CRLF line ends of the body were made LF, and the last taken off',
  );
  if (body.subarray(0, 3).equals(BOM)) {
    yield variant(body.subarray(3), 'body_bom', 'a byte order mark was put before the body');
  } else {
    yield variant(Buffer.concat([BOM, body]), 'body_bom', 'the byte order mark of the body was taken off');
  }
  yield variant(bytes(latin1.trim()), 'body_whitespace', 'white space was added around the body');
  yield variant(bytes(latin1.replace(/\0+$/, '')), 'body_whitespace', 'NUL bytes were added after the body');
}

const PLAIN: JsonStyle = {
  indent: '',
  afterColon: '',
  afterComma: '',
  sortsKeys: false,
  escape: (text) => text,
};
const LAYOUTS: readonly (readonly [what: string, style: Partial<JsonStyle>])[] = [
  ['without white space', {}],
  ['with a space after each colon and comma', { afterColon: ' ', afterComma: ' ' }],
  ['with a space after each colon', { afterColon: ' ' }],
  ['with a space after each comma', { afterComma: ' ' }],
  ['indented by two spaces', { indent: '  ', afterColon: ' ' }],
  ['indented by four spaces', { indent: '    ', afterColon: ' ' }],
  ['indented by tabs', { indent: '\t', afterColon: ' ' }],
];
const ESCAPES: readonly (readonly [what: string, escape: JsonStyle['escape']])[] = [
  ['characters beyond ASCII written as \\u escapes', (text) => asciiOnly(text)],
  ['characters written as they are', (text) => unescaped(text)],
  ['slashes escaped', (text) => text.replaceAll(/(?<!\\)\//g, String.raw`\/`)],
  ['slashes escaped and \\u escapes', (text) => asciiOnly(text).replaceAll(/(?<!\\)\//g, String.raw`\/`)],
  ['<, > and & escaped', (text) => text.replaceAll(/[<>&\u2028\u2029]/g, (char) => hexEscape(char))],
  ['slashes not escaped', (text) => text.replaceAll(String.raw`\/`, '/')],
];

function* jsonVariants(text: string): Generator<BodyVariant> {
  const restyled = (style: Partial<JsonStyle>): string | null => restyleJson(text, { ...PLAIN, ...style });
  if (restyled({}) === null) return;
  const made = 'parsed and written again: it was signed';
  for (const [what, style] of LAYOUTS) {
    const message = `the body was ${made} ${what}`;
    const whole = restyled(style) ?? '';
    yield variant(Buffer.from(whole), 'body_reformatted', message);
    yield variant(Buffer.from(`${whole}\n`), 'body_reformatted', `${message}, and with a newline at its end`);
  }
  for (const [what, style] of LAYOUTS) {
    const message = `the body was ${made} with its keys in alphabetical order, ${what}`;
    yield variant(Buffer.from(restyled({ ...style, sortsKeys: true }) ?? ''), 'body_key_order', message);
  }
  for (const [escapes, escape] of ESCAPES) {
    for (const [what, style] of [['as it stands', null] as const, ...LAYOUTS]) {
      const message = `the body was ${made} ${what}, with ${escapes}`;
      const whole = style === null ? rewriteStrings(text, escape) : (restyled({ ...style, escape }) ?? '');
      yield variant(Buffer.from(whole), 'body_escaped', message);
    }
  }
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
    for (const level of [6, 1, 9]) {
      for (const system of [3, 0xff, 0x13, 0]) {
        const zipped = gzipSync(body, { level });
        // The tenth byte names the operating system, which every library fills in otherwise (RFC 1952).
        zipped[9] = system;
        yield variant(zipped, 'body_compressed', message);
      }
      if (body.length > 100_000) return;
    }
  }
  const chunk = /^(?<size>[\da-f]{1,8})\r\n/i.exec(body.subarray(0, 16).toString('latin1'))?.groups?.['size'];
  if (chunk !== undefined) {
    const from = chunk.length + 2;
    const data = body.subarray(from, from + Number.parseInt(chunk, 16));
    yield variant(data, 'body_chunked', 'the chunk sizes of the transfer were left in the body');
  }
}

function variant(body: Uint8Array, code: CauseCode, message: string): BodyVariant {
  return { body, cause: cause(code, message) };
}

function keyOf(body: Uint8Array): string {
  return Buffer.from(body).toString('latin1');
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

function rewriteStrings(text: string, escape: JsonStyle['escape']): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, (string) => escape(string));
}

function asciiOnly(text: string): string {
  return text.replaceAll(/[^\0-\x7F]/g, (char) => hexEscape(char));
}

function hexEscape(char: string): string {
  return String.raw`\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function unescaped(text: string): string {
  return text.replaceAll(/(?<!\\)\\u(?<code>[\da-f]{4})/gi, (whole, code: string) => {
    const unit = Number.parseInt(code, 16);
    const char = String.fromCharCode(unit);
    return unit < 0x20 || char === '"' || char === '\\' ? whole : char;
  });
}

function inflaterOf(body: Buffer, encoding: string | undefined): ((body: Buffer) => Buffer) | null {
  const options = { maxOutputLength: MAX_INFLATED_BYTES };
  if (body[0] === 0x1f && body[1] === 0x8b) return (zipped) => gunzipSync(zipped, options);
  if (encoding === 'br') return (zipped) => brotliDecompressSync(zipped, options);
  if (encoding === 'deflate') return (zipped) => inflateSync(zipped, options);
  return null;
}
