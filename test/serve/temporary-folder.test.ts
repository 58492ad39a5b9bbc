import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openTemporaryFolder } from '../../src/serve/temporary-folder.ts';
import { evtgen, startEvtgen } from '../helpers/exec.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { startServeWith } from './local-server.ts';

let cwd: string;
/** Where this test's temporary files go. */
let parent: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'evtgen-cwd-'));
  parent = mkdtempSync(join(tmpdir(), 'evtgen-tmp-'));
});

/** Folders of serve; newer versions of Node.js keep a cache of their own there. */
function folders(): string[] {
  return readdirSync(parent).filter((name) => name.startsWith('evtgen-serve-'));
}

describe('serve --in-memory', () => {
  it('leaves nothing when it is stopped, and takes away what a killed one left', async () => {
    const env = { TMPDIR: parent };
    const killed = await startServeWith(env, cwd, '--in-memory');
    onTestFinished(async () => void (await killed.running.stop('SIGKILL')));
    await killed.request('POST', '/events', { type: 'order.created' });
    await killed.received('default', 1);
    expect(folders()).toHaveLength(1);
    await killed.running.stop('SIGKILL');
    const [left = ''] = folders();
    expect(statSync(join(parent, left)).mode & 0o077).toBe(0);

    const next = await startServeWith(env, cwd, '--in-memory');
    onTestFinished(async () => void (await next.running.stop('SIGTERM')));
    expect(await next.overview()).toMatchObject({ head: 0 });
    expect(folders()).toEqual([expect.not.stringContaining(left)]);
    expect(await next.running.stop('SIGINT')).toMatchObject({ status: 130, stderr: '' });
    expect({ temporary: folders(), here: readdirSync(cwd) }).toEqual({ temporary: [], here: [] });
  });

  it('leaves nothing when it cannot start, or is told to end twice', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const options = { cwd, env: { TMPDIR: parent } };
    const refused = await evtgen(['serve', '--in-memory', '--port', String(port)], options);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('is in use') });
    expect(folders()).toEqual([]);

    const hurried = startEvtgen(['serve', '--in-memory', '--port', '0'], options);
    await waitUntil(() => folders().length === 1, 40_000);
    hurried.child.kill('SIGINT');
    hurried.child.kill('SIGTERM');
    expect([130, 143]).toContain((await hurried.exit).status);
    expect(folders()).toEqual([]);
  });

  it('leaves nothing when its terminal is closed', async () => {
    const closed = await startServeWith({ TMPDIR: parent }, cwd, '--in-memory');
    expect(await closed.running.stop('SIGHUP')).toMatchObject({ status: 0, stderr: '' });
    expect(folders()).toEqual([]);
  });

  it('says so where there is no place for temporary files', async () => {
    writeFileSync(join(parent, 'file'), '');
    const env = { TMPDIR: join(parent, 'file') };
    const { status, stderr } = await evtgen(['serve', '--in-memory', '--port', '0'], { cwd, env });
    expect(status).toBe(2);
    expect(stderr).toContain(`${join(parent, 'file')} cannot be used for temporary files`);
    expect(stderr).toContain('TMPDIR');
  });
});

it('takes away only what belonged to a process of this machine that is gone', async () => {
  const running = await openTemporaryFolder(parent);
  const own = basename(dirname(running.databaseFolder));
  mkdirSync(running.databaseFolder);
  const gone = spawn(process.execPath, ['-e', '0']);
  await once(gone, 'close');
  const [, prefix = ''] = /^(evtgen-serve-[0-9a-f]{8}-)/.exec(own) ?? [];
  const left = `${prefix}${gone.pid}-0-abcdef`;
  const elsewhere = left.replace(prefix, 'evtgen-serve-00000000-');
  for (const name of [left, elsewhere, 'evtgen-serve-notes']) mkdirSync(join(parent, name));
  const file = `${prefix}${gone.pid}-0-ghijkl`;
  writeFileSync(join(parent, file), '');

  await (await openTemporaryFolder(parent)).release();
  expect(readdirSync(parent).toSorted()).toEqual([own, elsewhere, 'evtgen-serve-notes', file].toSorted());
  await running.release();
  expect(existsSync(join(parent, own))).toBe(false);
});

it('is removed however soon after its making the process ends', async () => {
  const endsAtOnce = `
    import { readdirSync } from 'node:fs';
    import { openTemporaryFolder } from ${JSON.stringify(new URL('../../dist/serve/temporary-folder.js', import.meta.url))};
    const isThere = () => readdirSync(process.argv[1]).length > 0;
    const look = () => {
      // Busy, so that what another thread makes meanwhile is seen before its maker hears of it.
      const until = performance.now() + 20;
      while (performance.now() < until) if (isThere()) process.exit(7);
      setImmediate(look);
    };
    setImmediate(look);
    await openTemporaryFolder(process.argv[1]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', endsAtOnce, parent], {
    stdio: 'inherit',
  });
  expect(await once(child, 'close')).toEqual([7, null]);
  expect(folders()).toEqual([]);
});
