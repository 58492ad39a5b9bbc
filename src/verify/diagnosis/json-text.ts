/** JSON as it is written: atoms keep their text, so that numbers and escapes survive a change of layout. */
export type JsonNode =
  | { readonly kind: 'atom'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: JsonNode])[] };

/** How a serialiser lays JSON out. */
export interface JsonStyle {
  /** Of one level; empty for a single line. */
  readonly indent: string;
  readonly afterColon: string;
  /** Between members on a single line. */
  readonly afterComma: string;
  readonly sortsKeys: boolean;
  /** Rewrites the text of one string, quotes included. */
  readonly escape: (text: string) => string;
}

/** Deeper texts are no webhook's, and would exhaust the stack. */
const MAX_DEPTH = 200;

/** Writes the same JSON in another style. */
export function writeJson(node: JsonNode, style: JsonStyle, margin = ''): string {
  if (node.kind === 'atom') return node.text.startsWith('"') ? style.escape(node.text) : node.text;
  const inner = margin + style.indent;
  const parts =
    node.kind === 'list'
      ? node.items.map((item) => writeJson(item, style, inner))
      : ordered(node.members, style).map(
          ([name, value]) => `${style.escape(name)}:${style.afterColon}${writeJson(value, style, inner)}`,
        );
  const [open, close] = node.kind === 'list' ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return `${open}${close}`;
  if (style.indent === '') return `${open}${parts.join(`,${style.afterComma}`)}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}

function ordered(
  members: readonly (readonly [string, JsonNode])[],
  { sortsKeys }: JsonStyle,
): readonly (readonly [string, JsonNode])[] {
  if (!sortsKeys) return members;
  return members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

const TOKEN = /\s*(?:(?<mark>[[\]{},:])|(?<atom>"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null))/gsy;

/** Null for what is no JSON, or nested too deep. */
export function parseJsonText(text: string): JsonNode | null {
  // What JSON.parse refuses is no JSON; what it takes, the tokens below cover.
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  TOKEN.lastIndex = 0;
  const tokens: string[] = [];
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match.groups?.['mark'] ?? match.groups?.['atom'] ?? '');
  }
  let at = 0;
  const value = (depth: number): JsonNode | null => {
    const token = tokens[at++] ?? '';
    if (depth > MAX_DEPTH) return null;
    if (token === '[') {
      const items: JsonNode[] = [];
      while (tokens[at] !== ']') {
        const item = value(depth + 1);
        if (item === null) return null;
        items.push(item);
        if (tokens[at] === ',') at += 1;
      }
      at += 1;
      return { kind: 'list', items };
    }
    if (token === '{') {
      const members: [string, JsonNode][] = [];
      while (tokens[at] !== '}') {
        const name = tokens[at] ?? '';
        at += 2;
        const member = value(depth + 1);
        if (member === null) return null;
        members.push([name, member]);
        if (tokens[at] === ',') at += 1;
      }
      at += 1;
      return { kind: 'object', members };
    }
    return { kind: 'atom', text: token };
  };
  return value(0);
}
