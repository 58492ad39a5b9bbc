/** The JSON types of draft-07. */
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

type Check = 'text' | 'count' | 'number' | 'names' | 'any' | 'schema' | 'schemas' | 'schemaMap';

/**
 * The draft-07 keywords that a schema file may use: those that validators are written for. Anything else is
 * refused, since a keyword that silently does nothing would be a promise not kept.
 */
const ACCEPTED_KEYWORDS: Readonly<Record<string, Check>> = {
  $schema: 'text',
  $id: 'text',
  $ref: 'text',
  title: 'text',
  description: 'text',
  type: 'any',
  format: 'text',
  enum: 'any',
  const: 'any',
  properties: 'schemaMap',
  required: 'names',
  additionalProperties: 'any',
  items: 'schema',
  anyOf: 'schemas',
  definitions: 'schemaMap',
  default: 'any',
  examples: 'any',
  minLength: 'count',
  maxLength: 'count',
  pattern: 'text',
  minimum: 'number',
  maximum: 'number',
  minItems: 'count',
  maxItems: 'count',
};

/** What is wrong with a schema, and where: `path` as in `/properties/total`, empty at the top. */
export interface SchemaProblem {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** All problems of a would-be schema; when there are none, it is a JSON Schema that evtgen can read. */
export function schemaProblems(schema: unknown): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  checkSchema(schema, '', problems);
  if (problems.length === 0) checkReferences(schema, schema, '', problems);
  return problems;
}

function checkSchema(schema: unknown, path: string, problems: SchemaProblem[]): void {
  if (!isRecord(schema)) {
    problems.push({ path, expected: 'a schema object', got: describe(schema) });
    return;
  }
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}/${escapePointer(keyword)}`;
    const check = Object.hasOwn(ACCEPTED_KEYWORDS, keyword) ? ACCEPTED_KEYWORDS[keyword] : undefined;
    if (check === undefined) {
      const expected = `one of ${Object.keys(ACCEPTED_KEYWORDS).join(', ')}`;
      problems.push({ path: at, expected, got: `the keyword "${keyword}"` });
    } else {
      checkKeyword(check, keyword, value, at, problems);
    }
  }
}

function checkKeyword(
  check: Check,
  keyword: string,
  value: unknown,
  path: string,
  problems: SchemaProblem[],
): void {
  const expect = (isRight: boolean, expected: string): void => {
    if (!isRight) problems.push({ path, expected, got: describe(value) });
  };
  switch (check) {
    case 'text':
      expect(typeof value === 'string', 'a string');
      if (keyword === 'pattern' && typeof value === 'string')
        expect(isPattern(value), 'a regular expression');
      return;
    case 'count':
      expect(Number.isInteger(value) && Number(value) >= 0, 'a whole number from 0');
      return;
    case 'number':
      expect(typeof value === 'number', 'a number');
      return;
    case 'names':
      expect(Array.isArray(value) && value.every((name) => typeof name === 'string'), 'an array of strings');
      return;
    case 'schema':
      checkSchema(value, path, problems);
      return;
    case 'schemas':
      if (!Array.isArray(value) || value.length === 0) expect(false, 'an array of one or more schemas');
      else value.forEach((item, index) => checkSchema(item, `${path}/${index}`, problems));
      return;
    case 'schemaMap':
      if (!isRecord(value)) expect(false, 'an object of schemas');
      else {
        for (const [name, item] of Object.entries(value)) {
          checkSchema(item, `${path}/${escapePointer(name)}`, problems);
        }
      }
      return;
    case 'any':
      checkLoose(keyword, value, path, problems, expect);
  }
}

function checkLoose(
  keyword: string,
  value: unknown,
  path: string,
  problems: SchemaProblem[],
  expect: (isRight: boolean, expected: string) => void,
): void {
  if (keyword === 'type') {
    const names: unknown[] = Array.isArray(value) ? value : [value];
    expect(
      names.length > 0 && names.every((name) => typeof name === 'string' && TYPES.has(name)),
      `one or more of ${[...TYPES].join(', ')}`,
    );
  } else if (keyword === 'enum') {
    expect(
      Array.isArray(value) && value.length > 0 && value.every(isScalar),
      'an array of one or more scalars',
    );
  } else if (keyword === 'const') {
    expect(isScalar(value), 'a string, number, boolean or null');
  } else if (keyword === 'examples') {
    expect(Array.isArray(value), 'an array');
  } else if (keyword === 'additionalProperties' && typeof value !== 'boolean') {
    checkSchema(value, path, problems);
  }
}

/** References stay within the file: `#` or `#/definitions/Name`. */
function checkReferences(schema: unknown, root: unknown, path: string, problems: SchemaProblem[]): void {
  if (Array.isArray(schema)) {
    schema.forEach((item, index) => checkReferences(item, root, `${path}/${index}`, problems));
    return;
  }
  if (!isRecord(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}/${escapePointer(keyword)}`;
    if (keyword === 'default' || keyword === 'examples' || keyword === 'enum' || keyword === 'const')
      continue;
    if (keyword === '$ref' && typeof value === 'string' && !pointsInto(root, value)) {
      problems.push({ path: at, expected: '# or #/definitions/<a name in this file>', got: `"${value}"` });
    } else {
      checkReferences(value, root, at, problems);
    }
  }
}

function pointsInto(root: unknown, reference: string): boolean {
  if (reference === '#') return true;
  const name = /^#\/definitions\/([^/]+)$/.exec(reference)?.[1];
  if (name === undefined || !isRecord(root) || !isRecord(root['definitions'])) return false;
  return Object.hasOwn(root['definitions'], name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u').source !== '';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** RFC 6901 section 3. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' ? 'an object' : String(value);
}
