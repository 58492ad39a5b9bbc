import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Mutation, ScanReport } from '../../src/scan/report.ts';
import { scanProject } from '../../src/scan/scan.ts';

let report: ScanReport;

beforeAll(() => {
  report = scanProject(fileURLToPath(new URL('../../fixtures/scan-payloads', import.meta.url)));
});

function payloadOf(path: string): Pick<Mutation, 'payload' | 'payloadSource' | 'sensitive'> {
  const found = report.mutations.find((mutation) => mutation.path === path);
  if (found === undefined) throw new Error(`no mutation at ${path}`);
  return { payload: found.payload, payloadSource: found.payloadSource, sensitive: found.sensitive };
}

describe('the payload of an event', () => {
  it('is what the handler sends on success', () => {
    expect(payloadOf('/typed')).toEqual({
      payloadSource: 'response',
      payload: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          total: { type: 'number' },
          paidAt: { type: ['string', 'null'], format: 'date-time' },
          tokenCount: { type: 'number' },
        },
        required: ['id', 'total', 'paidAt', 'tokenCount'],
      },
      sensitive: ['accessToken'],
    });
  });

  it('comes from the row type of a query, through patterns, rest and spread', () => {
    const { payload, payloadSource, sensitive } = payloadOf('/row-type');
    expect(payloadSource).toBe('response');
    expect(Object.keys(payload?.properties ?? {})).toEqual([
      'id',
      'total',
      'note',
      'placed_at',
      'customer',
      'lines',
      'state',
    ]);
    expect(payload?.required).not.toContain('note');
    expect(payload?.properties).toMatchObject({
      total: { type: ['number', 'null'] },
      state: { type: 'string', enum: ['open', 'paid'] },
      placed_at: { type: 'string', format: 'date-time' },
      lines: { type: 'array', items: { required: ['sku', 'quantity'] } },
    });
    expect(sensitive).toEqual(['password_hash', 'ssn']);
    expect(JSON.stringify(payload)).not.toMatch(/ssn|password/);
  });

  it('follows untyped parameters to the arguments, which also say what a loose compiler does not check', () => {
    expect(payloadOf('/mapped')).toEqual({
      payloadSource: 'response',
      payload: {
        type: 'object',
        properties: {
          placedAt: { type: 'string', format: 'date-time' },
          receipt: {
            type: 'object',
            properties: { number: { type: 'string' }, memo: { type: ['string', 'null'] } },
            required: ['number', 'memo'],
          },
          lines: {
            type: 'array',
            items: {
              type: 'object',
              properties: { sku: { type: 'string' }, size: { type: 'number' } },
              required: ['sku', 'size'],
            },
          },
          lineCount: { type: 'number' },
        },
        required: ['placedAt', 'receipt', 'lines', 'lineCount'],
      },
      sensitive: [],
    });
  });

  it('ends recursive types', () => {
    const { payload } = payloadOf('/row-type');
    const parent = payload?.properties?.['customer']?.properties?.['parent'];
    expect(JSON.stringify(parent).length).toBeLessThan(2_000);
  });

  it('comes from the table that is written', () => {
    expect(payloadOf('/table')).toEqual({
      payloadSource: 'entity',
      payload: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          order_id: { type: 'integer' },
          amount: { type: 'number' },
          state: { type: 'string', enum: ['open', 'paid'] },
          tags: { type: 'array', items: { type: 'string' } },
          note: { type: ['string', 'null'] },
          created_at: { type: 'string', format: 'date-time' },
        },
        required: ['id', 'order_id', 'amount', 'state', 'tags', 'note', 'created_at'],
      },
      sensitive: ['api_key'],
    });
  });

  it('identifies the resource where the write returns nothing', () => {
    expect(payloadOf('/refunds/:id')).toMatchObject({
      payloadSource: 'entity',
      payload: { properties: { id: { type: 'integer' }, note: { type: ['string', 'null'] } } },
    });
  });

  it('is the validated request where nothing else is known', () => {
    expect(payloadOf('/validated/:shopId')).toEqual({
      payloadSource: 'request',
      payload: {
        type: 'object',
        properties: {
          shopId: { type: 'string' },
          email: { type: 'string', format: 'email' },
          quantity: { type: 'integer' },
          kind: { type: 'string', enum: ['gift', 'normal'] },
        },
        required: ['shopId', 'email', 'kind'],
      },
      sensitive: ['token'],
    });
  });

  it('is made of the fields read where there is no schema', () => {
    expect(payloadOf('/fields')).toEqual({
      payloadSource: 'request',
      payload: { type: 'object', properties: { name: {}, size: { type: 'number' }, color: {} } },
      sensitive: [],
    });
  });

  it('is null where nothing tells', () => {
    expect(payloadOf('/nothing')).toEqual({ payload: null, payloadSource: 'none', sensitive: [] });
  });
});
