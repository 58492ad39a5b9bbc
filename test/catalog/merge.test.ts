import { describe, expect, it } from 'vitest';
import { EMPTY_CATALOG } from '../../src/catalog/load.ts';
import { mergeCatalog } from '../../src/catalog/merge.ts';
import type { Catalog } from '../../src/catalog/schema.ts';
import type { Mutation, ScanReport, Unresolved } from '../../src/scan/report.ts';

const mutation = (
  method: Mutation['method'],
  path: string,
  eventType: string,
  more: Partial<Mutation> = {},
): Mutation => ({
  method,
  path,
  framework: 'express',
  file: 'src/api.ts',
  line: 1,
  partial: false,
  kind: 'mutation',
  eventType,
  confidence: 'high',
  payload: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  payloadSource: 'response',
  sensitive: [],
  ...more,
});

const reportOf = (mutations: readonly Mutation[], unresolved: readonly Unresolved[] = []): ScanReport => ({
  schemaVersion: 1,
  root: '/shop',
  frameworks: ['express'],
  orm: 'pg',
  mutations,
  unresolved,
  stats: { files: 1, parsed: 1, durationMs: 1 },
});

const created = mutation('POST', '/orders', 'order.created');
const edited: Catalog = {
  catalogVersion: 1,
  eventTypes: {
    'order.placed': { version: 3, audience: 'internal', description: 'Paid for.', subject: 'number' },
  },
  mutations: {
    'POST /orders': { event: 'order.placed' },
    'DELETE /orders/:id': { ignore: 'kept for the books' },
  },
};

describe('merging a scan into the catalog', () => {
  it('adds what is new, with its schema and the property that identifies it', () => {
    const { catalog, changes, newSchemas } = mergeCatalog(EMPTY_CATALOG, reportOf([created]));
    expect(catalog.mutations).toEqual({ 'POST /orders': { event: 'order.created' } });
    expect(catalog.eventTypes).toEqual({
      'order.created': { version: 1, audience: 'public', subject: 'id' },
    });
    expect(newSchemas.get('order.created')).toEqual(created.payload);
    expect(changes).toEqual([{ kind: 'added', mutation: 'POST /orders', eventType: 'order.created' }]);
  });

  it('takes for subject what the routes address the resource by, and else what identifies by custom', () => {
    const data = (...names: string[]): Partial<Mutation> => ({
      payload: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) },
    });
    const { catalog } = mergeCatalog(
      EMPTY_CATALOG,
      reportOf([
        mutation('POST', '/api/articles', 'article.created', data('slug', 'title')),
        mutation('DELETE', '/api/articles/:slug', 'article.deleted', data('slug')),
        mutation('POST', '/api/articles/:slug/comments', 'comment.created', data('id', 'slug')),
        mutation('DELETE', '/order-items/:orderItemId', 'order_item.removed', data('orderItemId')),
        mutation('POST', '/order-items', 'order_item.added', data('id', 'quantity')),
        mutation('POST', '/settings', 'settings.changed', data('language')),
      ]),
    );
    const subjects = Object.entries(catalog.eventTypes).map(([type, { subject }]) => [type, subject]);
    expect(Object.fromEntries(subjects)).toEqual({
      'article.created': 'slug',
      'article.deleted': 'slug',
      'comment.created': 'id',
      'order_item.removed': 'orderItemId',
      'order_item.added': 'id',
      'settings.changed': undefined,
    });
  });

  it('takes no name that may change for subject where the resource has an id', () => {
    const data = (...names: string[]): Partial<Mutation> => ({
      payload: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) },
    });
    const { catalog } = mergeCatalog(
      EMPTY_CATALOG,
      reportOf([
        mutation('POST', '/teams', 'team.created', data('id', 'slug')),
        mutation('PUT', '/teams/:slug', 'team.updated', data('id', 'slug')),
        mutation('DELETE', '/teams/:slug', 'team.deleted', data()),
        mutation('POST', '/teams/:slug/members', 'member.added', data('slug')),
        mutation('PUT', '/users/:username', 'user.updated', data('id', 'username')),
        mutation('DELETE', '/users/:username', 'user.deleted', data('username')),
        mutation('PUT', '/pages/:slug', 'page.updated', data('slug')),
      ]),
    );
    const subjects = Object.entries(catalog.eventTypes).map(([type, { subject }]) => [type, subject]);
    expect(Object.fromEntries(subjects)).toEqual({
      'team.created': 'id',
      'team.updated': 'id',
      'team.deleted': undefined,
      'member.added': undefined,
      'user.updated': 'id',
      'user.deleted': undefined,
      'page.updated': 'slug',
    });
  });

  it('takes for subject what the other events of the resource have in the catalog', () => {
    const created = mutation('POST', '/teams/:slug', 'team.renamed', {
      payload: { type: 'object', properties: { id: {}, slug: {} } },
    });
    const known: Catalog = {
      catalogVersion: 1,
      eventTypes: { 'team.created': { version: 1, audience: 'public', subject: 'slug' } },
      mutations: {},
    };
    expect(mergeCatalog(known, reportOf([created])).catalog.eventTypes['team.renamed']).toMatchObject({
      subject: 'slug',
    });
  });

  it('keeps every decision that a person made', () => {
    const removed = mutation('DELETE', '/orders/:id', 'order.deleted');
    const merge = mergeCatalog(edited, reportOf([created, removed]));
    expect(merge).toEqual({ catalog: edited, changes: [], newSchemas: new Map() });
  });

  it('marks what is gone and takes the mark off what is back', () => {
    const gone = mergeCatalog(edited, reportOf([created]));
    expect(gone.catalog.mutations['DELETE /orders/:id']).toEqual({
      ignore: 'kept for the books',
      gone: true,
    });
    expect(gone.changes).toEqual([{ kind: 'gone', mutation: 'DELETE /orders/:id' }]);
    expect(mergeCatalog(gone.catalog, reportOf([created])).changes).toEqual([]);

    const removed = mutation('DELETE', '/orders/:id', 'order.deleted');
    const back = mergeCatalog(gone.catalog, reportOf([created, removed]));
    expect(back.catalog).toEqual(edited);
    expect(back.changes).toEqual([{ kind: 'back', mutation: 'DELETE /orders/:id' }]);
  });

  it('takes nothing for gone while a file cannot be read', () => {
    const broken = {
      file: 'src/orders.ts',
      line: 3,
      reason: "syntax_error: '}' expected.",
      message: 'it cannot be read',
    };
    expect(mergeCatalog(edited, reportOf([], [broken])).changes).toEqual([]);
  });

  it('ignores what is no mutation, by its kind', () => {
    const login = mutation('POST', '/login', 'user.logged_in', { kind: 'auth' });
    const { catalog } = mergeCatalog(EMPTY_CATALOG, reportOf([login]));
    expect(catalog).toEqual({ ...EMPTY_CATALOG, mutations: { 'POST /login': { ignore: 'auth' } } });
  });

  it('starts event types with secrets as internal', () => {
    const customer = mutation('POST', '/customers', 'customer.created', { sensitive: ['passwordHash'] });
    const { catalog } = mergeCatalog(EMPTY_CATALOG, reportOf([customer]));
    expect(catalog.eventTypes['customer.created']?.audience).toBe('internal');
  });

  it('follows the decisions of a review', () => {
    const decisions = new Map([['POST /orders', { ignore: 'not_chosen' }]]);
    const { catalog } = mergeCatalog(EMPTY_CATALOG, reportOf([created]), decisions);
    expect(catalog.mutations).toEqual({ 'POST /orders': { ignore: 'not_chosen' } });
    expect(catalog.eventTypes).toEqual({});
  });
});
