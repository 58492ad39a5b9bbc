import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runLettersReplay } from '../../src/operate/run-dead-letters.ts';
import { runEventsList } from '../../src/operate/run-events.ts';
import { openPostgres } from '../helpers/databases.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { recordedTerminal } from '../helpers/recorded-terminal.ts';
import { isMissing, postgres } from '../helpers/services.ts';
import { folderWith } from '../helpers/write-files.ts';
import { openShop } from './shop.ts';

it.skipIf(isMissing(postgres))(
  'works on the database of an application, whose worker does the rest',
  async () => {
    const database = await openPostgres();
    onTestFinished(() => database.close());
    const shop = await openShop(database.sql);
    onTestFinished(() => shop.close());
    const cwd = folderWith({});
    symlinkSync(join(repositoryRoot, 'node_modules'), join(cwd, 'node_modules'));
    const terminal = recordedTerminal(cwd, { env: { DATABASE_URL: database.url } });
    const target = { url: undefined, headers: [], databaseUrl: true, tenant: undefined } as const;

    const query = { types: [], subject: undefined, since: '0', limit: 5, cursor: undefined, isJson: true };
    await runEventsList({ ...target, ...query }, terminal);
    expect(terminal.results.splice(0)).toEqual(['{"events":[],"nextCursor":null}']);
    expect(terminal.notes).toEqual([expect.stringContaining('once a worker of the application')]);

    shop.answer(500);
    const subscription = await shop.subscribe();
    const [id] = await shop.emit('order.created');
    await shop.letters(1);
    shop.answer(204);
    const filter = { kind: undefined, type: undefined, since: undefined, until: undefined, state: undefined };
    const chosen = { ...target, ...filter, subscription, ids: [], isAll: false, isJson: true };
    expect(await runLettersReplay(chosen, terminal)).toBe(0);
    expect(terminal.results.splice(0)).toEqual(['{"replayed":1,"refused":[]}']);
    await shop.received(3);
    expect(shop.receiver.requests.at(-1)?.headers['webhook-id']).toBe(id);

    await runEventsList({ ...target, ...query }, terminal);
    expect(JSON.parse(terminal.results.join('\n'))).toMatchObject({ events: [{ eventId: id, position: 1 }] });
  },
);
