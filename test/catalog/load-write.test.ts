import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { schemaProblems } from '../../src/catalog/json-schema.ts';
import { loadCatalog, loadCatalogIfPresent } from '../../src/catalog/load.ts';
import type { Catalog } from '../../src/catalog/schema.ts';
import { changedFiles, writeContract } from '../../src/catalog/write.ts';

const catalog: Catalog = {
  catalogVersion: 1,
  eventTypes: {
    'refund.created': { version: 1, audience: 'public' },
    'order.created': { version: 1, audience: 'public', subject: 'id' },
  },
  mutations: { 'POST /refunds': { event: 'refund.created' }, 'POST /orders': { event: 'order.created' } },
};
const order = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } as const;
const schemas = new Map([
  ['order.created', order],
  ['refund.created', order],
]);
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-catalog-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const put = (file: string, text: string): void => {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), text);
};
const write = (of: typeof schemas): string[] => writeContract(root, changedFiles(root, catalog, of));
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

describe('the contract folder', () => {
  it('is read back as it was written', () => {
    write(schemas);
    const loaded = loadCatalog(root);
    expect(loaded.catalog).toEqual(catalog);
    expect([...loaded.schemas.keys()]).toEqual(['order.created.v1', 'refund.created.v1']);
    expect(loaded.schemas.get('order.created.v1')).toMatchObject(order);
  });

  it('has sorted keys and ends in a line feed', () => {
    write(schemas);
    const written = text('events/catalog.json');
    expect(Object.keys(JSON.parse(written).mutations)).toEqual(['POST /orders', 'POST /refunds']);
    expect(written.endsWith('}\n')).toBe(true);
  });

  it('is not touched when nothing changed, and an edited schema never is', () => {
    write(schemas);
    put('events/schemas/order.created.v1.json', '{"type":"object"}');
    const before = statSync(join(root, 'events/catalog.json')).mtimeMs;
    expect(write(schemas)).toEqual([]);
    expect(statSync(join(root, 'events/catalog.json')).mtimeMs).toBe(before);
    expect(text('events/schemas/order.created.v1.json')).toBe('{"type":"object"}');
  });

  it('is not touched for its layout', () => {
    write(schemas);
    const written = text('events/catalog.json');
    const otherLayout = JSON.stringify(JSON.parse(written), null, '\t').replaceAll('\n', '\r\n');
    put('events/catalog.json', otherLayout);
    expect(write(schemas)).toEqual([]);
    expect(text('events/catalog.json')).toBe(otherLayout);
  });

  it('leaves no temporary files', () => {
    write(schemas);
    expect(readdirSync(join(root, 'events')).sort()).toEqual(['catalog.json', 'schemas']);
  });

  it('names the target that cannot be written', () => {
    put('events', 'a file in the way');
    expect(() => write(schemas)).toThrow(/^cannot write events\/schemas\/order\.created\.v1\.json/);
  });

  it('may be absent', () => {
    expect(loadCatalogIfPresent(root)).toBeNull();
    expect(() => loadCatalog(root)).toThrow(/^there is no events\/catalog\.json in /);
  });

  it.each([
    [
      '{"catalogVersion": 1,\n "eventTypes": }',
      /^events\/catalog\.json is not valid JSON: .*line 2, column 16/,
    ],
    [
      '{"catalogVersion":1,"eventTypes":{},"mutations":{"POST /a":{"event":3}}}',
      /^events\/catalog\.json: mutations\["POST \/a"\]\.event: expected string, got 3/,
    ],
    [
      '{"catalogVersion":1,"eventTypes":{},"mutations":{"POST /a":{"event":"a.made"}}}',
      /^events\/catalog\.json: mutations\["POST \/a"\]\.event: expected one of the catalog's eventTypes, got "a\.made"/,
    ],
  ])('says what is wrong in %s', (broken, message) => {
    put('events/catalog.json', broken);
    expect(() => loadCatalog(root)).toThrow(message);
  });

  it('must have the schema of every event type', () => {
    write(new Map([['order.created', order]]));
    expect(() => loadCatalog(root)).toThrow(
      /expected a file events\/schemas\/refund\.created\.v1\.json, got none/,
    );
  });

  it('says which keyword of a schema is not accepted', () => {
    write(schemas);
    put('events/schemas/order.created.v1.json', '{"properties":{"id":{"oneOf":[]}}}');
    expect(() => loadCatalog(root)).toThrow(
      /^events\/schemas\/order\.created\.v1\.json: \/properties\/id\/oneOf: expected one of \$schema.*got the keyword "oneOf"/,
    );
  });
});

describe('schema validation', () => {
  it.each([
    ['text', '', 'a schema object', '"text"'],
    [{ type: 'text' }, '/type', 'one or more of string', '"text"'],
    [{ required: 'id' }, '/required', 'an array of strings', '"id"'],
    [
      { properties: { 'a/b': { minLength: -1 } } },
      '/properties/a~1b/minLength',
      'a whole number from 0',
      '-1',
    ],
    [{ pattern: '(' }, '/pattern', 'a regular expression', '"("'],
    [{ items: { $ref: '#/definitions/Line' } }, '/items/$ref', '# or #/definitions/', '"#/definitions/Line"'],
    [{ enum: [] }, '/enum', 'an array of one or more scalars', 'an empty array'],
    [{ anyOf: [{}, 3] }, '/anyOf/1', 'a schema object', '3'],
  ])('of %j names %s', (schema, path, expected, got) => {
    const [problem] = schemaProblems(schema);
    expect(problem).toMatchObject({ path, got });
    expect(problem?.expected).toContain(expected);
  });

  it('accepts recursion through definitions', () => {
    const schema = {
      definitions: { Line: { type: 'object', properties: { next: { $ref: '#/definitions/Line' } } } },
      $ref: '#/definitions/Line',
    };
    expect(schemaProblems(schema)).toEqual([]);
  });
});
