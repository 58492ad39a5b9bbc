import { describe, expect, it } from 'vitest';
import { nameRoutes } from '../../src/scan/name-routes.ts';

function nameOne(method: string, path: string, handlerName: string | null = null) {
  const [named] = nameRoutes([{ method, path, handlerName, identity: path }]);
  return named;
}

describe('event types', () => {
  it.each([
    ['POST', '/orders', 'createOrder', 'order.created'],
    ['PATCH', '/orders/:id', 'patch', 'order.updated'],
    ['PUT', '/orders/:id', null, 'order.updated'],
    ['DELETE', '/orders/:id', null, 'order.deleted'],
    ['POST', '/api/v2/orders/:id/ship', 'shipOrder', 'order.shipped'],
    ['POST', '/orders/:id/cancel', null, 'order.cancelled'],
    ['POST', '/invoices/:id/pay', 'pay', 'invoice.paid'],
    ['POST', '/calls/:id/offer', null, 'call.offered'],
    ['POST', '/addresses', 'create', 'address.created'],
    ['PATCH', '/people/:id', null, 'person.updated'],
    ['PUT', '/statuses/:id', null, 'status.updated'],
    ['POST', '/orders/:id/items', 'addItem', 'item.created'],
    ['PUT', '/users/me/avatar', 'updateAvatar', 'user.avatar_updated'],
    ['PUT', '/users/update-password', null, 'user.password_updated'],
    ['POST', '/orders/:id/favorite', null, 'order.favorited'],
    ['DELETE', '/orders/:id/favorite', null, 'order.unfavorited'],
    ['DELETE', '/profiles/:name/follow', 'unfollowUser', 'profile.unfollowed'],
    ['POST', '/links/admin/ban/:id', 'ban', 'link.banned'],
    ['POST', '/api/documents.create', null, 'document.created'],
    ['POST', '/api/documents.add_user', null, 'document.user_added'],
    ['POST', '/projects/:id/actions/restart', null, 'project.restarted'],
    ['POST', '/notes/:newNoteAlias', 'createNamedNote', 'note.created'],
    ['DELETE', '/notes/:id/revisions', 'purgeNoteRevisions', 'note.revisions_purged'],
    ['DELETE', '/orders', null, 'order.bulk_deleted'],
  ])('%s %s (%s) is %s', (method, path, handlerName, expected) => {
    expect(nameOne(method, path, handlerName)).toMatchObject({ kind: 'mutation', eventType: expected });
  });

  it('say what each of two routes does where the short name would mean both', () => {
    const routes = ['/comments', '/orders/:id/comments'].map((path) => ({
      method: 'POST',
      path,
      handlerName: null,
      identity: path,
    }));
    const expected = ['comment.created', 'order.comment_created'];
    expect(nameRoutes(routes).map(({ eventType }) => eventType)).toEqual(expected);
    expect(nameRoutes([...routes].reverse()).map(({ eventType }) => eventType)).toEqual(
      [...expected].reverse(),
    );
  });

  it('are shared by PUT and PATCH of a path and by versions of an API', () => {
    const routes = ['PUT /v1/orders/:id', 'PATCH /v1/orders/:id', 'PATCH /v2/orders/:orderId'].map((key) => {
      const [method = '', path = ''] = key.split(' ');
      return { method, path, handlerName: null, identity: key };
    });
    expect(new Set(nameRoutes(routes).map(({ eventType }) => eventType))).toEqual(new Set(['order.updated']));
  });
});

describe('kinds', () => {
  it.each([
    ['POST', '/orders/search', null, 'query'],
    ['POST', '/api/documents.list', null, 'query'],
    ['POST', '/graphql', 'graphqlHandler', 'query'],
    ['POST', '/users/check', 'checkUsername', 'query'],
    ['POST', '/links/:id/protected', 'redirectProtected', 'query'],
    ['POST', '/users/login', 'login', 'auth'],
    ['POST', '/auth/refresh-tokens', null, 'auth'],
    ['POST', '/oauth/token', null, 'auth'],
    ['PUT', '/tokens/:id/refresh', null, 'mutation'],
    ['POST', '/auth/register', null, 'mutation'],
    ['POST', '/webhooks/stripe', null, 'inbound_webhook'],
    ['POST', '/hooks/payments', null, 'inbound_webhook'],
    ['POST', '/billing/callback', null, 'inbound_webhook'],
    ['DELETE', '/auth/me', null, 'mutation'],
  ])('%s %s (%s) is %s', (method, path, handlerName, kind) => {
    expect(nameOne(method, path, handlerName)?.kind).toBe(kind);
  });

  it('tell webhooks that are received from webhooks that are managed', () => {
    const routes = [
      { method: 'POST', path: '/webhooks', handlerName: null, identity: 'a' },
      { method: 'DELETE', path: '/webhooks/:id', handlerName: null, identity: 'b' },
    ];
    expect(nameRoutes(routes)[0]).toMatchObject({ kind: 'mutation', eventType: 'webhook.created' });
    expect(nameRoutes(routes.slice(0, 1))[0]).toMatchObject({ kind: 'inbound_webhook' });
  });

  it('that change nothing have no event type', () => {
    expect(nameOne('POST', '/orders/search')?.eventType).toBeNull();
  });
});
