import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeCatalog } from '../../src/catalog/merge.ts';
import { planWiring, type WiringPlan } from '../../src/codemod/wire.ts';
import { openProject } from '../../src/scan/project.ts';
import { scanProject } from '../../src/scan/scan.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

// Inside the repository, so that the shop's dependencies are found.
mkdirSync(join(repository, '.test-output'), { recursive: true });
const root = mkdtempSync(join(repository, '.test-output', 'codemod-shop-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('the sample shop', () => {
  let first: WiringPlan;

  beforeAll(() => {
    const isSource = (path: string): boolean => !/node_modules|dist$/.test(relative(repository, path));
    cpSync(join(repository, 'fixtures/express-orders'), root, { recursive: true, filter: isSource });
    first = plan();
    for (const { path, after } of first.changes) writeFileSync(join(root, path), after ?? '');
  }, 180_000);

  it('has its explicit transactions wired', () => {
    const wired = first.wirings.filter(({ outcome }) => outcome === 'joined');

    expect(wired.map(({ mutation, file, line }) => `${mutation} ${file}:${line}`)).toEqual([
      'POST /api/v1/customers src/api/customers.ts:56',
      'POST /api/v1/customers/:customerId/addresses src/api/addresses.ts:34',
      'DELETE /api/v1/customers/:id src/api/customers.ts:106',
      'POST /api/v1/orders src/services/order-service.ts:34',
      'PATCH /api/v1/orders/:id src/api/orders.ts:63',
      'POST /api/v1/orders/:id/cancel src/services/order-service.ts:77',
      'POST /api/v1/orders/:id/ship src/api/orders.ts:106',
      'POST /api/v1/orders/:orderId/items src/api/order-items.ts:33',
      'DELETE /api/v1/orders/:orderId/items/:itemId src/api/order-items.ts:64',
      'PATCH /api/v1/orders/:orderId/items/:itemId src/api/order-items.ts:50',
      'POST /api/v1/orders/:orderId/refunds src/controllers/refunds-controller.ts:38',
      'POST /api/v1/products/:id/stock src/api/products.ts:59',
      'POST /api/v1/refunds/:id/approve src/controllers/refunds-controller.ts:60',
    ]);
  });

  it('has lone writes wrapped by the function with which the shop opens its transactions', () => {
    const wrapped = first.wirings.filter(({ outcome }) => outcome === 'wrapped');

    expect(wrapped.map(({ mutation }) => mutation)).toEqual([
      'PUT /api/v1/customers/:customerId/addresses/:addressId',
      'PATCH /api/v1/customers/:id',
      'POST /api/v1/discounts',
      'POST /api/v1/products',
      'PUT /api/v1/products/:id',
      'POST /api/v1/refunds/:id/reject',
    ]);
    const after = first.changes.find(({ path }) => path === 'src/api/discounts.ts')?.after;
    expect(after).toContain("import { withTransaction } from '../db/with-transaction.js';");
    expect(after).toContain('const { rows: [discount] } = await withTransaction(pool, async (client) => {');
  });

  it('leaves the rest by hand, with place and reason', () => {
    const rest = first.wirings.filter(({ outcome }) => outcome === 'by_hand');

    expect(rest.map(({ mutation, outcome, reason }) => `${outcome} ${mutation}: ${reason}`)).toEqual([
      'by_hand DELETE /api/v1/customers/:customerId/addresses/:addressId: nothing there holds the written row',
      'by_hand PUT /api/v1/customers/:id/password: nothing there holds the written row',
      'by_hand DELETE /api/v1/discounts/:code: nothing there holds the written row',
      'by_hand DELETE /api/v1/orders/:id: nothing there holds the written row',
      'by_hand POST /api/v1/orders/:id/pay: `payOrder`, which writes the row, is also used at src/api/payment-hooks.ts:18',
      'by_hand DELETE /api/v1/products/:id: nothing there holds the written row',
    ]);
    expect(rest.every(({ snippet }) => snippet.includes('events.emit('))).toBe(true);
  });

  it('changes nothing when run again', () => {
    const second = plan();

    expect(second.changes).toEqual([]);
    expect(second.wirings.filter(({ outcome }) => outcome === 'already')).toHaveLength(19);
  }, 180_000);

  it('type-checks against the emitter, which would not take other data', () => {
    expect(typeErrors('OrderRow')).toEqual([]);
    expect(typeErrors('OrderRow & { giftWrap: boolean }').join()).toContain('giftWrap');
  }, 180_000);
});

function plan(): WiringPlan {
  const report = scanProject(root);
  const { catalog, newSchemas } = mergeCatalog(
    { catalogVersion: 1, eventTypes: {}, mutations: {} },
    report,
  );
  return planWiring({
    project: openProject(root),
    mutations: report.mutations,
    catalog,
    schemaOf: (eventType) => newSchemas.get(eventType) ?? null,
    output: 'src/events',
    specifierEnding: '.js',
    store: 'pg',
    isAll: false,
    isInjected: false,
    isUnwiring: false,
    beside: [],
  });
}

function typeErrors(order: string): string[] {
  const setup = join(root, 'src/events/setup.ts');
  mkdirSync(dirname(setup), { recursive: true });
  writeFileSync(setup, setupModule(order));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(fileNames, {
    ...options,
    rootDir: repository,
    noEmit: true,
    allowImportingTsExtensions: true,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText, file }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

function setupModule(order: string): string {
  return `
import type { PoolClient } from 'pg';
import type { Emitter } from '${relative(join(root, 'src/events'), join(repository, 'src/kernel/emit.ts'))}';
import type { Customer } from '../api/customers.js';
import type { AddressRow, CustomerRow, DiscountRow, OrderItemRow, OrderRow, ProductRow, RefundRow } from '../db/rows.js';

interface Inputs {
  'address.created': AddressRow;
  'address.updated': AddressRow;
  'customer.created': Customer;
  'customer.updated': CustomerRow;
  'discount.created': DiscountRow;
  'product.created': ProductRow;
  'product.updated': ProductRow;
  'refund.rejected': RefundRow;
  'customer.deleted': Omit<CustomerRow, 'password_hash'>;
  'item.created': OrderItemRow;
  'item.deleted': OrderItemRow;
  'item.updated': OrderItemRow;
  'order.cancelled': ${order};
  'order.created': ${order};
  'order.shipped': ${order};
  'order.updated': ${order};
  'product.stock_added': ProductRow;
  'refund.approved': RefundRow;
  'refund.created': RefundRow;
}

export declare const events: Emitter<Inputs, Pick<PoolClient, 'query'>>;
`;
}
