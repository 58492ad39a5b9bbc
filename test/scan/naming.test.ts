import { describe, expect, it } from 'vitest';
import { nameRoutes } from '../../src/scan/name-routes.ts';

function nameOne(method: string, path: string, handlerName: string | null = null) {
  const [named] = nameRoutes([{ method, path, handlerName, identity: path }]);
  return named;
}

describe('event types', () => {
  it.each([
    ['POST', '/orders', 'createOrder', 'order.created'],
    ['POST', '/p/orders', null, 'order.created'],
    ['PUT', '/branches/:id/move-before/:beforeId', null, 'branch.moved_before'],
    ['POST', '/users/suspend-me', null, 'user.suspended'],
    ['POST', '/database/vacuum-database', null, 'database.vacuumed'],
    ['DELETE', '/reverseShares/:id', 'ReverseShareController.remove', 'reverse_share.deleted'],
    ['DELETE', '/api/shop/v2.0/orders/:id', null, 'shop_order.deleted'],
    ['PUT', '/authorization/roles/:id', null, 'role.updated'],
    ['PUT', '/teams/:id/users', null, 'team.users_updated'],
    ['POST', '/orders/:id/upload/complete', 'completeUpload', 'order.upload_completed'],
    ['DELETE', '/orders/:id/upload/status', null, 'order.status_deleted'],
    ['DELETE', '/banking/categorize/:id', 'uncategorizeTransaction', 'transaction.uncategorized'],
    ['PUT', '/banking/exclude/:id', 'excludeBankTransaction', 'bank_transaction.excluded'],
    ['POST', '/campaign/:id/sms/duplicate', 'duplicateCampaign', 'campaign.sms_duplicated'],
    ['POST', '/auth/resetPassword/:email', 'requestResetPassword', 'user.password_reset_requested'],
    ['PATCH', '/orders/:id', 'patch', 'order.updated'],
    ['PUT', '/orders/:id', null, 'order.updated'],
    ['POST', '/orders/:orderId', null, 'order.updated'],
    ['POST', '/comments/:taskId', null, 'comment.created'],
    ['POST', '/team-members/:memberId', null, 'team_member.updated'],
    ['POST', '/projects/:projectId/members/:userId', null, 'project.member_added'],
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
    ['DELETE', '/teams/:id/orders/bulk', null, 'order.bulk_deleted'],
    ['PUT', '/orders/batch', null, 'order.bulk_updated'],
    ['POST', '/orders/bulk-delete', null, 'order.bulk_deleted'],
    ['POST', '/api/orders.deleteAll', null, 'order.bulk_deleted'],
    ['POST', '/api/orders.unresolve', null, 'order.unresolved'],
    ['POST', '/user', 'signupUser', 'user.signed_up'],
    ['POST', '/import', 'ImportController.import', 'import.created'],
    ['POST', '/carts/:id/checkout', null, 'cart.checked_out'],
    ['POST', '/subscription/stripe/checkout-session', 'createSession', 'stripe_checkout_session.created'],
    ['POST', '/reports/:id/anonymize', null, 'report.anonymized'],
    ['POST', '/orders/:id/generate/invoice', null, 'order.invoice_generated'],
    ['POST', '/auth/email/confirm/new', 'confirmNewEmail', 'email.confirmed'],
    ['POST', '/auth/forgot/password', null, 'user.password_reset_requested'],
    ['POST', '/account/reset-password/:token', null, 'user.password_reset'],
    ['POST', '/account/register', null, 'user.registered'],
    ['PUT', '/auth/local', 'LocalController.updatePassword', 'password.updated'],
    ['POST', '/users/me/notificationsSubscribe', null, 'user.notifications_subscribed'],
    ['POST', '/messages/markAsRead', null, 'message.marked_as_read'],
    ['POST', '/chats/markChatUnread', null, 'chat.marked_as_unread'],
    ['DELETE', '/chats/deleteMessageForEveryone/:id', null, 'chat.message_deleted'],
    ['POST', '/attachments.createFromUrl', null, 'attachment.created'],
    ['POST', '/groups/updateGroupPicture', null, 'group.picture_updated'],
    ['PUT', '/jobs/:id/buildCluster', null, 'job.build_cluster_updated'],
    ['DELETE', '/orders/:id/cancel', null, 'order.cancelled'],
    ['DELETE', '/orders/:id/upload', null, 'order.upload_deleted'],
    ['POST', '/teams/:id/git/tokens', null, 'git_token.created'],
    ['POST', '/sso/providers', null, 'sso_provider.created'],
    ['PUT', '/notes/:id/permissions/users/:name', 'setUserPermission', 'note.user_permission_set'],
    ['PUT', '/notes/:id/permissions/owner', 'changeOwner', 'note.owner_updated'],
    ['POST', '/teams/:id/members', null, 'team.member_added'],
    ['DELETE', '/teams/:id/members/:userId', null, 'team.member_removed'],
    ['POST', '/me/password', null, 'user.password_updated'],
    ['POST', '/users/:id/settings', null, 'user.settings_updated'],
    ['DELETE', '/shares/id/:shareId', null, 'share.deleted'],
    ['POST', '/devices/_/register', null, 'device.registered'],
    ['POST', '/caches', null, 'cache.created'],
    ['POST', '/menus', null, 'menu.created'],
    ['POST', '/emojis', null, 'emoji.created'],
    ['POST', '/sqs/set/:name', null, 'sqs.set'],
    ['POST', '/expert-creds', null, 'expert_credential.created'],
    ['POST', '/send', 'MailController.send', 'mail.sent'],
    ['POST', '/upload', null, 'file.uploaded'],
    ['PUT', '/pending-users/:id', 'confirmPendingUser', 'pending_user.confirmed'],
    ['POST', '/messages', 'sendMessage', 'message.sent'],
    ['POST', '/stats-token', null, 'stats_token.created'],
    ['POST', '/mobile/apple', 'apple', 'apple.created'],
    ['POST', '/kits/new', null, 'kit.created'],
    ['POST', '/kits/:id/edit', null, 'kit.updated'],
    ['POST', '/v([1-9]\\d*)/posts/:id/unhide', null, 'post.unhidden'],
    ['POST', '/v:version/orders', null, 'order.created'],
    ['DELETE', '/db/:database/:collection', 'removeCollection', 'collection.deleted'],
    ['DELETE', '/likes/:postId/:userId', null, 'like.deleted'],
    ['DELETE', '/auth/sessions/:id', 'handleRevokeSession', 'session.deleted'],
    ['DELETE', '/benchmarks/:source/:symbol', 'deleteBenchmark', 'benchmark.deleted'],
    ['POST', '/db/:database/gridFS', 'addFile', 'grid_fs.created'],
    ['POST', '/logout-session', null, 'user.session_logged_out'],
    ['POST', '/session/reissue', null, 'session.reissued'],
    ['PUT', '/forms/:id/end-page', 'updateEndPage', 'form.end_page_updated'],
    ['POST', '/forms/:id/end-page', null, 'form.page_ended'],
    ['POST', '/assets/bulk-add-to-kit', null, 'asset.bulk_added_to_kit'],
    ['POST', '/assets/bulk-mark-availability', null, 'asset.availability_bulk_marked'],
    ['POST', '/bookings/bulk-actions', null, 'booking.bulk_updated'],
    ['POST', '/bookings/checkin-assets', null, 'booking.assets_checked_in'],
    ['POST', '/drive/file/upload', null, 'file.uploaded'],
    ['POST', '/notifications/push/activate', null, 'push.activated'],
    ['POST', '/posts/block/:userId/report', null, 'post.reported'],
    ['POST', '/teams/:id/import/rows', null, 'row.created'],
    ['DELETE', '/projects/:id/merge', null, 'project.merge_cancelled'],
    ['DELETE', '/projects/:id/import', 'deleteImport', 'project.import_deleted'],
    ['DELETE', '/posts/:id/save', null, 'post.unsaved'],
    ['DELETE', '/user/subscribe', 'handle', 'user.unsubscribed'],
    ['POST', '/reverseShares', 'ReverseShareController.create', 'reverse_share.created'],
    ['DELETE', '/backup/scheduled-backups/:id', null, 'scheduled_backup.deleted'],
    ['POST', '/canvas/duplicate', null, 'canvas.duplicated'],
    ['POST', '/memorydefinition', 'MemoryDefinitionController.create', 'memory_definition.created'],
    ['DELETE', '/labelgroups/:id', 'deleteLabelGroup', 'label_group.deleted'],
    ['POST', '/oauth/unlink/:provider', 'OAuthController.unlink', 'oauth.unlinked'],
    ['POST', '/invoices/:id/writeoff', 'writeOff', 'invoice.written_off'],
    ['POST', '/workspace', 'WorkSpaceController.create', 'workspace.created'],
    ['POST', '/settings/github/invite', 'SendGitHubInvite.handle', 'github.invited'],
    ['PUT', '/users/onboarding', 'UsersController.updateOnBoarding', 'user.onboarding_updated'],
    ['POST', '/notes/attitude', 'attitudePost', 'note.attitude_created'],
    ['POST', '/provider/item/create', 'createProviderItem', 'provider_item.created'],
    ['PATCH', '/contributions/actions/:id', null, 'contribution.action_updated'],
    ['POST', '/billing/automatic-unpause', null, 'billing.automatically_unpaused'],
    ['DELETE', '/orders/:id/force-delete', null, 'order.force_deleted'],
    ['PUT', '/teams/:id/auto-approve-members', null, 'team.auto_approve_members_updated'],
    ['PUT', '/orders/:id/no-merge', null, 'order.no_merge_updated'],
    ['PUT', '/accessories/:id', 'setAccessoryCharacteristic', 'accessory.updated'],
    ['PUT', '/accessories/:id/characteristics/:name', 'setCharacteristic', 'characteristic.set'],
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

  it('say in how many things it is done where fewer would mean another route', () => {
    const routes = ['/keys/verify', '/chat/keys/verify', '/teams/:id/chat/keys/verify'].map((path) => ({
      method: 'POST',
      path,
      handlerName: null,
      identity: path,
    }));
    const expected = ['key.verified', 'chat.key_verified', 'team.chat_key_verified'];
    expect(nameRoutes(routes).map(({ eventType }) => eventType)).toEqual(expected);
  });

  it('take what is changed one by one for a thing, though its name is a verb as well', () => {
    const named = nameRoutes(
      [
        ['POST', '/api/crop', 'CropController.createCrop'],
        ['PATCH', '/api/crop/:id', 'CropController.updateCrop'],
        ['POST', '/api/order-item', 'OrderItemController.create'],
        ['PUT', '/api/order-item/:id', 'OrderItemController.update'],
        ['POST', '/api/users/activate', 'UsersController.activateAll'],
        ['PUT', '/api/users/activate/:id', 'UsersController.activate'],
        ['POST', '/api/import', 'ImportController.run'],
        ['POST', '/api/import/:id/cancel', 'ImportController.cancel'],
      ].map(([method = '', path = '', handlerName = '']) => ({
        method,
        path,
        handlerName,
        identity: method + path,
      })),
    );
    expect(named.map(({ eventType }) => eventType)).toEqual([
      'crop.created',
      'crop.updated',
      'order_item.created',
      'order_item.updated',
      'user.activated',
      'user.activated',
      'import.created',
      'import.cancelled',
    ]);
  });

  it('take the longer form of an action where the short one is another route', () => {
    const routes = ['/api/attachments.create', '/api/attachments.createFromUrl'].map((path) => ({
      method: 'POST',
      path,
      handlerName: null,
      identity: path,
    }));
    const expected = ['attachment.created', 'attachment.created_from_url'];
    expect(nameRoutes(routes).map(({ eventType }) => eventType)).toEqual(expected);
  });

  it('leave out what stands before all paths of an API', () => {
    const namesOf = (...paths: string[]) =>
      nameRoutes(paths.map((path) => ({ method: 'PUT', path, handlerName: null, identity: path }))).map(
        ({ eventType }) => eventType,
      );
    expect(namesOf('/shop/orders', '/shop/items', '/shop/settings')).toEqual([
      'order.updated',
      'item.updated',
      'settings.updated',
    ]);
    expect(namesOf('/settings/theme', '/settings/email')).toEqual([
      'settings.theme_updated',
      'settings.email_updated',
    ]);
    expect(namesOf('/orders/ship', '/orders/refunds')).toEqual(['order.shipped', 'order.refund_updated']);
  });

  it('of the own user and of any user are one, and so are all ways to sign in', () => {
    const routes = [
      'PATCH /auth/me',
      'PATCH /users/:id',
      'POST /auth/google/login',
      'POST /auth/email/login',
    ];
    const named = nameRoutes(
      routes.map((key) => {
        const [method = '', path = ''] = key.split(' ');
        return { method, path, handlerName: null, identity: key };
      }),
    );
    expect(named.map(({ eventType }) => eventType)).toEqual([
      'user.updated',
      'user.updated',
      'user.logged_in',
      'user.logged_in',
    ]);
    expect(named.map(({ confidence }) => confidence)).not.toContain('low');
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
    ['POST', '/tokenizers/small/encode', null, 'query'],
    ['POST', '/lessons/:id/download/pdf', null, 'query'],
    ['POST', '/logout/protected', null, 'auth'],
    ['POST', '/saml/assert', null, 'auth'],
    ['POST', '/membership/webhook/:provider', 'webhook', 'inbound_webhook'],
    ['POST', '/api/documents.list', null, 'query'],
    ['POST', '/graphql', 'graphqlHandler', 'query'],
    ['ALL', '/api/trpc/:trpc', 'handler', 'query'],
    ['POST', '/api/orpc/*', 'handle', 'query'],
    ['POST', '/api/auth/*', 'POST', 'auth'],
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
    ['PATCH', '/auth/me', 'AuthController.update', 'mutation'],
    ['POST', '/api/orders.memberships', null, 'query'],
    ['POST', '/api/orders.archived', null, 'query'],
    ['POST', '/api/orders.unarchive', null, 'mutation'],
    ['POST', '/mcp', null, 'query'],
    ['DELETE', '/teams/:id/mcp/:nodeId', null, 'mutation'],
    ['POST', '/devices/:id/proxy/*', null, 'query'],
    ['POST', '/api/*', null, 'query'],
    ['POST', '/stats-token', null, 'mutation'],
    ['POST', '/validator', null, 'query'],
    ['POST', '/storage/:id/sessions', null, 'mutation'],
    ['POST', '/sso/login/callback/google', null, 'auth'],
    ['POST', '/passkeys.verifyAuthentication', null, 'auth'],
    ['POST', '/auth/send-otp', null, 'auth'],
    ['POST', '/sso-login', null, 'auth'],
    ['POST', '/v1/login-params', null, 'auth'],
    ['POST', '/v2/pkce_sign_in', null, 'auth'],
    ['POST', '/v2/pkce_params', null, 'auth'],
    ['POST', '/auth/otp/verify', null, 'auth'],
    ['POST', '/contacts/:id/otp/verify', null, 'mutation'],
    ['POST', '/orders/slug', 'orderBySlug', 'query'],
    ['POST', '/orders/:id/settings', 'handleGetWebhookSettings', 'query'],
    ['PATCH', '/orders/:id/settings', 'handleUpdateWebhookSettings', 'mutation'],
    ['POST', '/notifications/stripe', 'events', 'inbound_webhook'],
    ['POST', '/notifications/email', null, 'mutation'],
    ['POST', '/auth/apple/mobile', 'appleMobile', 'auth'],
    ['POST', '/auth/google', null, 'auth'],
    ['POST', '/auth/google/link', null, 'mutation'],
    ['POST', '/comments/byIds', null, 'query'],
    ['POST', '/ping', 'ping', 'query'],
    ['POST', '/settings/notifications/slack', null, 'mutation'],
    ['POST', '/notifications/unread-count', 'getUnreadCount', 'query'],
    ['POST', '/pages/watch-status', 'getWatchStatus', 'query'],
    ['POST', '/pages/watch-status', 'updateWatchStatus', 'mutation'],
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
