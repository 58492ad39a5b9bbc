import { describe, expect, it } from 'vitest';
import { outlineHash } from '../../src/scan/file-outline.ts';
import { ts } from '../../src/scan/project.ts';

const routes = (own: string, other = '{}'): string => `
  import { router, wrap } from './router';
  export const made = () => (${other});
  router.post('/orders', wrap(async (req, res) => { res.json(${own}); }));`;

function hash(text: string, isHandler = true, file = 'orders.ts'): string | null {
  return outlineHash(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), () => isHandler);
}

describe('what counts of a file for others', () => {
  it('is not what its handlers do, nor what stands between its statements', () => {
    expect(hash(routes('1'))).toBe(hash(`// Orders.\n${routes('{ id: 2 }')}\n// The end.`));
  });

  it('is what it exports, and what it gives to calls', () => {
    expect(hash(routes('1', '{ id: 1 }'))).not.toBe(hash(routes('1')));
    expect(hash(routes('1').replace('/orders', '/refunds'))).not.toBe(hash(routes('1')));
    expect(hash(`${routes('1')}\nmade.later = () => 1;`)).not.toBe(
      hash(`${routes('1')}\nmade.later = () => 2;`),
    );
  });

  it('is all of a function that was followed', () => {
    expect(hash(routes('1'), false)).not.toBe(hash(routes('2'), false));
  });

  it('is all of a file in which comments say something', () => {
    expect(hash(routes('1'), true, 'orders.js')).toBeNull();
    expect(hash(`/// <reference types="node" />\n${routes('1')}`)).toBeNull();
  });
});
