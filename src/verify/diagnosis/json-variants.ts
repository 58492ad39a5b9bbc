import { parseJsonText, writeJson, type JsonStyle } from './json-text.ts';
import { variant, type BodyVariant } from './variant.ts';

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
  ['characters beyond ASCII written as \\u escapes in capitals', (text) => asciiOnly(text, true)],
  ['characters written as they are', (text) => unescaped(text)],
  ['slashes escaped', (text) => text.replaceAll(/(?<!\\)\//g, String.raw`\/`)],
  ['slashes escaped and \\u escapes', (text) => asciiOnly(text).replaceAll(/(?<!\\)\//g, String.raw`\/`)],
  ['<, > and & escaped', (text) => text.replaceAll(/[<>&\u2028\u2029]/g, (char) => hexEscape(char))],
  ['slashes not escaped', (text) => text.replaceAll(String.raw`\/`, '/')],
];

/** The same JSON as other serialisers write it; none for what is no JSON. */
export function* jsonVariants(text: string): Generator<BodyVariant> {
  const node = parseJsonText(text);
  if (node === null) return;
  const restyled = (style: Partial<JsonStyle>): string => writeJson(node, { ...PLAIN, ...style });
  const made = 'parsed and written again: it was signed';
  for (const [what, style] of LAYOUTS) {
    const message = `the body was ${made} ${what}`;
    const whole = restyled(style);
    yield variant(Buffer.from(whole), 'body_reformatted', message);
    yield variant(Buffer.from(`${whole}\n`), 'body_reformatted', `${message}, and with a newline at its end`);
  }
  for (const [what, style] of LAYOUTS) {
    const message = `the body was ${made} with its keys in alphabetical order, ${what}`;
    yield variant(Buffer.from(restyled({ ...style, sortsKeys: true })), 'body_key_order', message);
  }
  for (const [escapes, escape] of ESCAPES) {
    for (const [what, style] of [['as it stands', null] as const, ...LAYOUTS]) {
      const message = `the body was ${made} ${what}, with ${escapes}`;
      const whole = style === null ? rewriteStrings(text, escape) : restyled({ ...style, escape });
      yield variant(Buffer.from(whole), 'body_escaped', message);
    }
  }
}

function rewriteStrings(text: string, escape: JsonStyle['escape']): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, (string) => escape(string));
}

function asciiOnly(text: string, isInCapitals = false): string {
  return text.replaceAll(/[^\0-\x7F]/g, (char) => hexEscape(char, isInCapitals));
}

function hexEscape(char: string, isInCapitals = false): string {
  const hex = char.charCodeAt(0).toString(16).padStart(4, '0');
  return String.raw`\u${isInCapitals ? hex.toUpperCase() : hex}`;
}

function unescaped(text: string): string {
  return text.replaceAll(/(?<!\\)\\u(?<code>[\da-f]{4})/gi, (whole, code: string) => {
    const unit = Number.parseInt(code, 16);
    const char = String.fromCharCode(unit);
    return unit < 0x20 || char === '"' || char === '\\' ? whole : char;
  });
}
