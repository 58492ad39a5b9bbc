import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ScanReport } from '../../src/scan/report.ts';
import { scanProject } from '../../src/scan/scan.ts';

const root = fileURLToPath(new URL('../../fixtures/scan-idioms', import.meta.url));
let report: ScanReport;

beforeAll(() => {
  report = scanProject(root);
});

const complete = (): string[] =>
  report.mutations.filter((mutation) => !mutation.partial).map(({ method, path }) => `${method} ${path}`);
const find = (method: string, path: string) =>
  report.mutations.find((mutation) => mutation.method === method && mutation.path === path);

describe('routes of Express', () => {
  it('are found with every prefix, and nothing else is', () => {
    const underV1 = [
      'POST /coupons/redeem/:couponCode',
      'DELETE /customers/:id',
      'POST /orders',
      'PUT /orders',
      'PATCH /orders/:id',
      'DELETE /orders/:id',
      'ALL /orders/:id/events',
      'POST /orders/:id/cancel',
      'POST /orders/:id/ship',
      'POST /orders/:orderId/items',
      'DELETE /orders/:orderId/items/:itemId',
      'PATCH /orders/by-number/:number',
      'DELETE /products/:id',
      'POST /refunds/:id/approve',
      'POST /stock/count',
    ];
    const expected = ['/api/v1', '/legacy'].flatMap((prefix) =>
      underV1.map((route) => route.replace(' ', ` ${prefix}`)),
    );
    expect(complete().sort()).toEqual([...expected, 'POST /archive/:year', 'PUT /late/fee'].sort());
  });

  it('name the handler inside wrappers, bound methods and middleware lists', () => {
    expect(find('POST', '/api/v1/orders')?.handler).toEqual({
      name: 'createOrder',
      file: 'src/controllers/orders.ts',
      line: 4,
    });
    expect(find('DELETE', '/api/v1/orders/:id')?.handler?.name).toBe('removeOrder');
    expect(find('POST', '/api/v1/coupons/redeem/:couponCode')?.handler?.name).toBe(
      'CouponsController.redeem',
    );
  });

  it('stand where their own method is called in a chain', () => {
    expect(find('PUT', '/api/v1/orders')).toMatchObject({ file: 'src/routes/orders.ts', line: 12 });
  });

  it('are partial where a prefix is unknown, with its words', () => {
    const partial = report.mutations.filter((mutation) => mutation.partial).map(({ path }) => path);
    expect(partial).toEqual(['/gifts', '/{config.default.get}/reports']);
  });

  it('are complete where the config supplies the prefix', () => {
    const prefixes = { 'src/routes/config-driven.ts': '/backoffice' };
    const paths = scanProject(root, { prefixes }).mutations.filter(({ path }) => path.includes('reports'));
    expect(paths).toMatchObject([{ path: '/backoffice/reports', partial: false }]);
  });

  it('are reported where they cannot be followed', () => {
    expect(report.unresolved).toMatchObject([
      { file: 'src/routes/config-driven.ts', line: 9, reason: 'dynamic_method: method' },
      {
        file: 'src/routes/config-driven.ts',
        line: 10,
        reason: "dynamic_mount: require(config.get('plugin'))",
      },
    ]);
  });
});
