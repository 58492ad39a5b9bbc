import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../src/serve/lock.ts';

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evtgen-lock-'));
  lock = join(folder, 'lock');
});

describe('the lock of a data folder', () => {
  it('is refused to a second taker, naming the process that holds it', async () => {
    await lockFolder(lock, folder);
    await expect(lockFolder(lock, folder)).rejects.toMatchObject({
      code: 'data_dir_in_use',
      message: `${folder} is in use by process ${process.pid}`,
    });
    expect(readdirSync(lock)).toEqual(['1']);
  });

  it('is free again after its release, and a second release harms no new holder', async () => {
    const first = await lockFolder(lock, folder);
    await first.release();
    await lockFolder(lock, folder);
    expect(readdirSync(lock)).toEqual(['2']);
    await first.release();
    await expect(lockFolder(lock, folder)).rejects.toMatchObject({ code: 'data_dir_in_use' });
  });

  it('is taken over from a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '0']);
    await once(child, 'close');
    leave('7', JSON.stringify({ pid: child.pid, startedAt: null }));
    await lockFolder(lock, folder);
    expect(readdirSync(lock)).toEqual(['8']);
    expect(JSON.parse(readFileSync(join(lock, '8'), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it.runIf(process.platform === 'linux')('is taken over when another process has that id now', async () => {
    leave('1', JSON.stringify({ pid: process.pid, startedAt: '1' }));
    await expect(lockFolder(lock, folder)).resolves.toBeDefined();
  });

  it('is taken over when a power cut left half of it', async () => {
    leave('1', '{"pid":');
    await expect(lockFolder(lock, folder)).resolves.toBeDefined();
  });

  it('goes to exactly one of many who find it stale at once', async () => {
    for (let round = 0; round < 30; round++) {
      const contested = join(folder, String(round));
      mkdirSync(contested);
      writeFileSync(join(contested, '1'), JSON.stringify({ pid: 0, startedAt: null }));
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => lockFolder(contested, folder)),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });
});

function leave(name: string, content: string): void {
  mkdirSync(lock);
  writeFileSync(join(lock, name), content);
}
