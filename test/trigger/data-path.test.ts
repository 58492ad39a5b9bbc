import { describe, expect, it } from 'vitest';
import { droppedPaths, formatPath, merged, parsePath, withValue } from '../../src/trigger/data-path.ts';

describe('a path', () => {
  it.each([
    ['data', ['data']],
    ['data.items[0].unit-price', ['data', 'items', 0, 'unit-price']],
    ['data["a b"].c', ['data', 'a b', 'c']],
    ['data["\\"x"][12]', ['data', '"x', 12]],
  ])('%s is read and written alike', (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(formatPath(path)).toBe(text);
  });

  it.each(['', '.data', 'data.', 'data..a', 'data[x]', 'data[-1]', 'data["a]', 'data a', 'data[0'])(
    '%j is none',
    (text) => {
      expect(parsePath(text)).toBeUndefined();
    },
  );
});

describe('a value', () => {
  const data = { total: 1, items: [{ sku: 'a' }], note: 'x' };

  it('takes its place, with the objects on the way to it', () => {
    expect(withValue(data, ['total'], 2)).toEqual({ ...data, total: 2 });
    expect(withValue(data, ['items', 0, 'sku'], 'b')).toMatchObject({ items: [{ sku: 'b' }] });
    expect(withValue(data, ['items', 1, 'sku'], 'b')).toMatchObject({ items: [{ sku: 'a' }, { sku: 'b' }] });
    expect(withValue(data, ['ship', 'to', 0, 'city'], 'Bonn')).toMatchObject({
      ship: { to: [{ city: 'Bonn' }] },
    });
    expect(data).toEqual({ total: 1, items: [{ sku: 'a' }], note: 'x' });
  });

  it('cannot change what objects are made of', () => {
    const changed = withValue({}, ['__proto__', 'polluted'], true);
    expect(Object.keys(changed as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
  });

  it.each([
    [['note', 'x'], 'data.note.x: data.note is "x", which has no properties'],
    [['items', 'sku'], 'data.items is a list: expected an index such as data.items[0], got "sku"'],
    [['items', 2], 'data.items has 1 items: there is no data.items[2]'],
    [[0], 'data is no list: it has no item [0]'],
  ])('has no place at %j', (path, message) => {
    expect(() => withValue(data, path, 1)).toThrow(message);
  });
});

it('merges objects and replaces all else', () => {
  const over = { a: { c: 3 }, list: [9], none: null };
  expect(merged({ a: { b: 1, c: 2 }, list: [1, 2], none: 'x', kept: 0 }, over)).toEqual({
    a: { b: 1, c: 3 },
    list: [9],
    none: null,
    kept: 0,
  });
});

it('names what a schema left out', () => {
  const given = { a: 1, secret: 2, list: [{ b: 1, c: 2 }], deep: { d: { e: 1 } } };
  const kept = { a: 1, list: [{ b: 1 }], deep: {} };
  expect(droppedPaths(given, kept)).toEqual(['data.secret', 'data.list[0].c', 'data.deep.d']);
  expect(droppedPaths(given, given)).toEqual([]);
});
