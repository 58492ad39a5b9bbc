import { beforeEach, describe, expect, it } from 'vitest';
import { createHealth } from '../../src/kernel/health.ts';
import type { HealthReport } from '../../src/kernel/health.ts';
import type { CursorState, LeaseState } from '../../src/kernel/ports.ts';
import type { PartHealth } from '../../src/kernel/worker.ts';
import { createManualClock } from '../helpers/manual-clock.ts';
import type { ManualClock } from '../helpers/manual-clock.ts';

const SINCE = '2026-01-01T00:00:00.000Z';

let clock: ManualClock;
let parts: PartHealth[];
let leases: LeaseState[];
let readers: CursorState[];
let answer: () => Promise<void>;

beforeEach(() => {
  clock = createManualClock();
  parts = [{ name: 'sequencer', state: 'active', since: SINCE }];
  leases = [
    { role: 'reader:webhooks', freeForMs: 0 },
    { role: 'sequencer', freeForMs: 0 },
  ];
  readers = [{ reader: 'webhooks', position: 40, lag: 2 }];
  answer = () => Promise.resolve();
});

function health(): Promise<HealthReport> {
  return createHealth({
    worker: { health: () => ({ ok: true, parts }) },
    store: {
      cursors: { list: () => answer().then(() => readers) },
      leases: { list: () => answer().then(() => leases) },
    },
    clock,
  })();
}

describe('health', () => {
  it('is ok while every role is held and no reader is far behind', async () => {
    expect(await health()).toEqual({ ok: true, reasons: [], parts, readers });
  });

  it('names a part that fails, and why', async () => {
    const lastError = 'connect ECONNREFUSED 127.0.0.1:6379';
    parts = [{ name: 'reader:redis-streams', state: 'failing', since: SINCE, lastError }];
    expect(await health()).toMatchObject({
      ok: false,
      reasons: [`reader:redis-streams has been failing since ${SINCE}: ${lastError}`],
    });
  });

  it('tells a process that runs no worker that nobody else does either', async () => {
    parts = [];
    leases = [{ role: 'sequencer', freeForMs: 60_000 }];
    expect((await health()).reasons).toEqual(['no process has acted as sequencer for 60 s']);
    leases = [];
    expect((await health()).reasons).toEqual(['no worker has ever run']);
  });

  it('says what a reader that nobody runs any more holds back, until it is given up', async () => {
    leases.push({ role: 'reader:kafka', freeForMs: 60_000 });
    readers.push({ reader: 'kafka', position: 12, lag: 30 });
    expect((await health()).reasons).toEqual([
      'no process has acted as reader:kafka for 60 s; events from position 13 on are kept until it does, or until its row in evtgen.cursors is deleted',
    ]);
    readers.pop();
    expect(await health()).toMatchObject({ ok: true });
  });

  it('lets a role change hands', async () => {
    leases = [{ role: 'sequencer', freeForMs: 6_000 }];
    expect(await health()).toMatchObject({ ok: true });
  });

  it('names a reader that is far behind, whoever runs it', async () => {
    readers = [{ reader: 'redis-streams', position: 5, lag: 10_001 }];
    expect((await health()).reasons).toEqual(['the reader redis-streams is 10001 events behind']);
  });

  it('does not wait for a database that never answers', async () => {
    answer = () => new Promise(() => undefined);
    const asked = health();
    await clock.advance(5_000);
    expect(await asked).toEqual({
      ok: false,
      reasons: ['the database does not answer: no answer within 5000 ms'],
      parts,
      readers: [],
    });
    answer = () => Promise.reject(new Error('the database system is shutting down'));
    expect((await health()).reasons).toEqual([
      'the database does not answer: the database system is shutting down',
    ]);
  });
});
