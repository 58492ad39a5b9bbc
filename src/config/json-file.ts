import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { EvtgenError } from '../ui/errors.ts';

/**
 * Parses a JSON document against a schema.
 * @param file how messages name the document, e.g. `events/catalog.json`.
 * @throws EvtgenError `invalid_json` with line and column, or `invalid_file` with JSON path, expected and got.
 */
export function parseJson<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  let value: unknown;
  try {
    // A mark that editors on Windows write, and that a parser may ignore (RFC 8259, 8.1).
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new EvtgenError('invalid_json', `${file} is not valid JSON: ${describeSyntaxError(error, text)}`);
  }
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [first, ...rest] = result.error.issues.map(describeIssue);
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  throw new EvtgenError('invalid_file', `${file}: ${first ?? 'is invalid'}${more}`);
}

/** The text of a file, or undefined when there is none. */
export function readTextIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ENOTDIR: a file stands where one of its folders would be.
    if (error instanceof Error && 'code' in error && /^(?:ENOENT|ENOTDIR)$/.test(String(error.code)))
      return undefined;
    throw new EvtgenError('unreadable_file', `cannot read ${path}`, { cause: error });
  }
}

/** A JSON path as people write it: `mutations["POST /orders"].event`. */
function formatJsonPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(String(key))) text += `${text === '' ? '' : '.'}${String(key)}`;
    else text += `[${JSON.stringify(String(key))}]`;
  }
  return text === '' ? 'the document' : text;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const place = formatJsonPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return `${formatJsonPath([...issue.path, issue.keys[0] ?? ''])}: unknown property`;
  }
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors.map((branch) => branch[0]).find((branch) => branch !== undefined);
    if (deepest !== undefined) return describeIssue({ ...deepest, path: [...issue.path, ...deepest.path] });
  }
  return `${place}: expected ${describeExpectation(issue)}, got ${describeValue(issue.input)}`;
}

function describeExpectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return issue.expected;
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value)).join(' or ');
  return issue.message.replace(/^(Invalid \w+: )?(expected )?/, '');
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function describeSyntaxError(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.replace(/(?: in JSON at position|, (?:\.\.\.)?").*$/s, '');
  const before = text.slice(0, errorOffset(text)).split('\n');
  return `${reason} at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/** Messages of the parser that only say that the text ended too early. */
const ENDED_EARLY = /end of JSON|Unterminated|No number after|Exponent part|escape/i;

/** Node names the offset in some messages only: it is the end of the longest prefix that could be continued. */
function errorOffset(text: string): number {
  let [continuable, broken] = [0, text.length + 1];
  while (broken - continuable > 1) {
    const middle = Math.floor((continuable + broken) / 2);
    if (canBeContinued(text.slice(0, middle))) continuable = middle;
    else broken = middle;
  }
  return continuable;
}

function canBeContinued(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const offset = / at position (\d+)/.exec(error.message)?.[1];
    return ENDED_EARLY.test(error.message) || Number(offset) === prefix.length;
  }
}
