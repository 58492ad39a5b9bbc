import type { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSecretBox } from '../../src/kernel/secret-box.ts';
import { createSecret } from '../../src/kernel/secret.ts';
import { DEFAULT_SETTINGS } from '../../src/kernel/subscriptions.ts';
import {
  moveReceiver,
  receiverSecrets,
  subscribeBuiltInReceiver,
} from '../../src/serve/receivers/subscribe.ts';
import {
  subscribeForRun,
  type RunSubscriptions,
  type WantedEndpoint,
} from '../../src/serve/run-subscriptions.ts';
import { createPGlite } from '../../src/serve/pglite.ts';
import { pgliteSql } from '../../src/stores/pglite.ts';
import { createLeaseStore } from '../../src/stores/postgres/leases.ts';
import { createLocalRuntimeStore } from '../../src/stores/postgres/local-runtime.ts';
import { applyMigrations, loadMigrations } from '../../src/stores/postgres/migrations.ts';
import type { Sql } from '../../src/stores/postgres/sql.ts';
import { createSubscriptionStore } from '../../src/stores/postgres/subscriptions.ts';

const MIGRATIONS = fileURLToPath(new URL('../../templates/sql/', import.meta.url));
const ORIGIN = 'http://127.0.0.1:4400';
const LATER = 'http://127.0.0.1:50123';
const secretBox = createSecretBox([{ id: 'test', key: Buffer.alloc(32, 1) }]);

let database: PGlite;
let sql: Sql;

beforeAll(async () => {
  database = await createPGlite();
  sql = pgliteSql(database);
  await applyMigrations(sql, await loadMigrations(MIGRATIONS));
});

beforeEach(() => database.exec('delete from evtgen.subscriptions'));

afterAll(() => database.close());

describe('the built-in receiver', () => {
  it('is subscribed once, and keeps its secret', async () => {
    const secret = await subscribe({});
    expect(await subscribe({ previousOrigin: ORIGIN })).toBe(secret);
    expect(await urls()).toEqual([`${ORIGIN}/_receive/default`]);
    expect(await secretsOf('default')).toEqual([secret]);
    expect(await secretsOf('other')).toEqual([]);
  });

  it('signs with the secret that is chosen, at any start', async () => {
    const [first, second] = [createSecret(), createSecret()];
    expect(await subscribe({ secret: first })).toBe(first);
    expect(await subscribe({ secret: second })).toBe(second);
    expect(await secretsOf('default')).toEqual([second]);
    expect(await subscribe({})).toBe(second);
  });

  it('moves to a new port with all receivers of ours, and takes nothing else along', async () => {
    const secret = await subscribe({});
    for (const url of [
      'http://localhost:4400/_receive/billing',
      'http://localhost:4400/hooks',
      'http://localhost:3000/_receive/default',
      'https://shop.example/_receive/default',
    ]) {
      await add(url);
    }
    expect(await subscribe({ origin: LATER, previousOrigin: ORIGIN })).toBe(secret);
    expect(await urls()).toEqual([
      `${LATER}/_receive/default`,
      'http://localhost:50123/_receive/billing',
      'http://localhost:4400/hooks',
      'http://localhost:3000/_receive/default',
      'https://shop.example/_receive/default',
    ]);
  });

  it('is found by http:// again after a run that ended while nobody was to trust it', async () => {
    await subscribe({});
    await moveReceiver(createLocalRuntimeStore(sql), ORIGIN, 'default', 'https:');
    expect(await urls()).toEqual(['https://127.0.0.1:4400/_receive/default']);
    expect(await secretsOf('default')).toHaveLength(1);
    await subscribe({ previousOrigin: ORIGIN });
    expect(await urls()).toEqual([`${ORIGIN}/_receive/default`]);
  });

  it('is verified with the secrets of every subscription that leads to it, stopped ones too', async () => {
    await subscribe({});
    const [one, two] = [
      await add(`${ORIGIN}/_receive/billing`),
      await add('http://localhost:4400/_receive/billing'),
    ];
    await createSubscriptionStore(sql).stop(one.id, 'disabled', 'by hand');
    expect(await secretsOf('billing')).toEqual([one.secret, two.secret]);
  });
});

describe('what flags subscribe', () => {
  it('lasts as long as the run, also when that was killed', async () => {
    const secret = await subscribe({});
    const forward = { url: 'http://localhost:3000/', eventTypes: ['order.*'], flag: '--forward' as const };
    const receiver = { url: `${ORIGIN}/_receive/billing`, eventTypes: ['*'], flag: '--receiver' as const };
    await subscribeFlags([forward, receiver], secret);
    const { list, remove } = await subscribeFlags([forward, receiver], secret);
    expect(list).toMatchObject([forward, receiver]);
    expect(await urls()).toEqual([`${ORIGIN}/_receive/default`, forward.url, receiver.url]);
    expect(await secretsOf('billing')).toEqual([secret]);
    await remove();
    expect(await urls()).toEqual([`${ORIGIN}/_receive/default`]);
  });
});

describe('leases that a killed process left', () => {
  it('are free at once', async () => {
    const leases = createLeaseStore(sql);
    await leases.acquire('sequencer', 'dead', 3_600_000);
    expect(await leases.acquire('sequencer', 'alive', 5_000)).toBeUndefined();
    await createLocalRuntimeStore(sql).expireLeases();
    expect(await leases.acquire('sequencer', 'alive', 5_000)).toMatchObject({ holder: 'alive', epoch: 2 });
  });
});

async function subscribe(change: {
  origin?: string;
  previousOrigin?: string;
  secret?: string;
}): Promise<string> {
  return subscribeBuiltInReceiver({
    local: createLocalRuntimeStore(sql),
    subscriptions: createSubscriptionStore(sql),
    secretBox,
    createId: randomUUID,
    origin: ORIGIN,
    previousOrigin: undefined,
    secret: undefined,
    ...change,
  });
}

async function subscribeFlags(wanted: readonly WantedEndpoint[], secret: string): Promise<RunSubscriptions> {
  return subscribeForRun(
    {
      local: createLocalRuntimeStore(sql),
      subscriptions: createSubscriptionStore(sql),
      secretBox,
      createId: randomUUID,
      secret,
    },
    wanted,
  );
}

async function add(url: string): Promise<{ id: string; secret: string }> {
  const id = randomUUID();
  const secret = createSecret();
  await createSubscriptionStore(sql).create({
    ...DEFAULT_SETTINGS,
    id,
    tenant: undefined,
    url,
    eventTypes: ['*'],
    sealedSecret: secretBox.seal(secret, id),
    sealedHeaders: undefined,
  });
  return { id, secret };
}

async function urls(): Promise<string[]> {
  return (await createLocalRuntimeStore(sql).endpoints()).map(({ url }) => url);
}

async function secretsOf(name: string): Promise<string[]> {
  return receiverSecrets({ local: createLocalRuntimeStore(sql), secretBox }, ORIGIN, name);
}
