import { expect, it } from 'vitest';
import { createSecret } from '../../src/kernel/secret.ts';
import { plainSecretBox } from '../../src/kernel/secret-box.ts';
import { DEFAULT_SETTINGS } from '../../src/kernel/subscriptions.ts';
import { readOverview } from '../../src/serve/overview.ts';
import { scheduleOf } from '../../src/serve/time-scale.ts';
import { createAllTenantsStore } from '../../src/stores/postgres/all-tenants.ts';
import { createEventStore } from '../../src/stores/postgres/event-store.ts';
import { createRecentEventsStore } from '../../src/stores/postgres/recent-events.ts';
import { createWebhookStore } from '../../src/stores/postgres/webhook-store.ts';
import { openPglite } from '../helpers/databases.ts';

it('shows the subscriptions without any of their secrets', async () => {
  const { sql, close } = await openPglite();
  const store = { ...createEventStore(sql), ...createWebhookStore(sql) };
  const [first, second] = [createSecret(), createSecret()].map((secret) =>
    plainSecretBox.seal(secret, 'sub_1'),
  );
  const sealedHeaders = plainSecretBox.seal('{"authorization":"Bearer do-not-tell"}', 'sub_1');
  await store.subscriptions.create({
    ...DEFAULT_SETTINGS,
    id: 'sub_1',
    tenant: undefined,
    url: 'https://receiver.example/',
    eventTypes: ['*'],
    sealedSecret: String(first),
    sealedHeaders,
  });
  await store.subscriptions.rotateSecret(undefined, 'sub_1', String(second), 60);
  const overview = await readOverview({
    store,
    allTenants: createAllTenantsStore(sql),
    recentEvents: createRecentEventsStore(sql),
    registry: { eventTypes: [] } as never,
    receivers: { list: () => [] } as never,
    schedule: scheduleOf([1000], 1),
    forwards: [],
    exchanges: undefined,
    traffic: undefined,
    health: () => Promise.resolve({ ok: true } as never),
  });
  await close();
  expect(overview.subscriptions).toMatchObject([
    { id: 'sub_1', url: 'https://receiver.example/', state: 'active' },
  ]);
  for (const sealed of [first, second, sealedHeaders]) expect(JSON.stringify(overview)).not.toContain(sealed);
});
