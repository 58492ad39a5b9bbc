import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../src/serve/data-folder.ts';
import { createPGlite } from '../../src/serve/pglite.ts';
import { readSnapshot, unpackSnapshot } from '../../src/serve/pglite-snapshot.ts';

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'evtgen-data-'));
});

describe('the data folder', () => {
  it('is made on first use, kept out of git, and keeps its key', async () => {
    const folder = join(parent, 'a/.evtgen-serve');
    const first = await openDataFolder(folder);
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
    await first.release();
    const second = await openDataFolder(folder);
    expect(Buffer.from(second.encryptionKey).equals(first.encryptionKey)).toBe(true);
    expect(second.encryptionKey).toHaveLength(32);
  });

  it('that cannot be written is named', async () => {
    writeFileSync(join(parent, 'file'), '');
    const folder = join(parent, 'file/.evtgen-serve');
    await expect(openDataFolder(folder)).rejects.toMatchObject({
      code: 'data_dir_unwritable',
      message: `${folder} cannot be written`,
    });
  });
});

describe('PGlite', () => {
  it('starts from the packed snapshot and keeps what was written', async () => {
    const folder = join(parent, 'pglite');
    const first = await createPGlite(folder);
    await first.exec('create table orders (id int); insert into orders values (7)');
    await first.close();
    const second = await createPGlite(folder);
    expect((await second.query('select id from orders')).rows).toEqual([{ id: 7 }]);
    await second.close();
    expect(existsSync(`${folder}.unfinished`)).toBe(false);
  });

  it('starts in memory without leaving a trace', async () => {
    const database = await createPGlite();
    expect((await database.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('finds the snapshot of the installed version', async () => {
    expect((await readSnapshot())?.length).toBeGreaterThan(1_000_000);
  });

  it('unpacks again over what an interrupted start left', async () => {
    const folder = join(parent, 'pglite');
    mkdirSync(`${folder}.unfinished`);
    writeFileSync(join(`${folder}.unfinished`, 'debris'), '');
    await unpackSnapshot((await readSnapshot()) ?? new Uint8Array(), folder);
    expect(existsSync(join(folder, 'debris'))).toBe(false);
    expect(readFileSync(join(folder, 'PG_VERSION'), 'utf8')).toBe('18\n');
  });

  it('says so when there is no place for it', async () => {
    writeFileSync(join(parent, 'file'), '');
    await expect(createPGlite(join(parent, 'file/pglite'))).rejects.toMatchObject({
      code: 'data_dir_unwritable',
      message: `${join(parent, 'file/pglite')} cannot be written`,
    });
  });

  it('says so when the folder holds something it cannot open', async () => {
    const folder = join(parent, 'pglite');
    mkdirSync(folder);
    writeFileSync(join(folder, 'PG_VERSION'), '12\n');
    await expect(createPGlite(folder)).rejects.toMatchObject({
      code: 'data_dir_unusable',
      message: `${folder} cannot be opened`,
    });
  });
});
