/** A group with those inside it, a class of characters, or one character; each with what says how often. */
const TOKEN =
  /\((?<group>\?<(?<name>\w+)>|\?:)?(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|\[(?:[^\]\\]|\\.)*\]|\\[wWdDsS]|\\(?<escaped>[^\w])|(?<any>\.)|(?<plain>[\w\-@~/:%,!])/y;
const OFTEN = /[*+?]\??|\{\d+(?:,\d*)?\}/y;

/**
 * The path that a regular expression from `^` to `$` stands for, with its groups as parameters, by name or number;
 * null where parts of it may be missing or one of several.
 */
export function pathOfRegex(source: string): string | null {
  const body = /^\^(?<body>.*?)(?:\\?\/\?)?\$$/.exec(source)?.groups?.['body'];
  if (body === undefined) return null;
  let path = '';
  let groups = 0;
  let at = 0;
  while (at < body.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(body);
    if (token === null) return null;
    const { group, name, escaped, plain } = token.groups ?? {};
    at = TOKEN.lastIndex;
    OFTEN.lastIndex = at;
    const quantifier = OFTEN.exec(body)?.[0];
    at += quantifier?.length ?? 0;
    if (token[0].startsWith('(')) {
      if (group === '?:' || quantifier !== undefined) return null;
      // `/supervisor(\\/.+)`
      path += /^\((?:\?<\w+>)?\\?\//.test(token[0]) ? `/:${name ?? groups}` : `:${name ?? groups}`;
      groups += 1;
    } else if (escaped !== undefined || plain !== undefined) {
      if (quantifier !== undefined) return null;
      path += escaped ?? plain;
    } else {
      path += '*';
    }
  }
  return path.startsWith('/') ? path : null;
}
