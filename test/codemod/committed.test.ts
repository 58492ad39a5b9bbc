import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireCommitted } from '../../src/codemod/committed.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-committed-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  writeFileSync(join(root, file), text);
}

describe('requireCommitted', () => {
  it('allows any file outside of a repository', async () => {
    write('orders.ts', 'x');
    await expect(requireCommitted(root, ['orders.ts'])).resolves.toBeUndefined();
  });

  describe('in a repository', () => {
    beforeEach(async () => {
      const git = execa({ cwd: root });
      write('orders.ts', 'x\n');
      write('other.ts', 'x\n');
      write('.gitignore', 'ignored.ts\n');
      await git`git init --quiet`;
      await git`git add .`;
      await git`git -c user.name=t -c user.email=t@example.com -c commit.gpgsign=false commit --quiet -m first`;
    });

    it('allows committed and ignored files, whatever happened to others', async () => {
      write('other.ts', 'changed\n');
      write('ignored.ts', 'x\n');
      await expect(requireCommitted(root, ['orders.ts', 'ignored.ts'])).resolves.toBeUndefined();
    });

    it('refuses changed, staged and untracked files, each by name', async () => {
      write('orders.ts', 'changed\n');
      write('other.ts', 'changed\n');
      await execa({ cwd: root })`git add other.ts`;
      write('new [id].ts', 'x\n');

      await expect(requireCommitted(root, ['orders.ts', 'other.ts', 'new [id].ts'])).rejects.toMatchObject({
        code: 'uncommitted_changes',
        exitCode: 2,
        message: 'uncommitted changes in orders.ts, other.ts, new [id].ts',
      });
    });

    it('names files relative to the folder it was given', async () => {
      mkdirSync(join(root, 'api'));
      write('api/orders.ts', 'x\n');
      await expect(requireCommitted(join(root, 'api'), ['orders.ts'])).rejects.toMatchObject({
        message: 'uncommitted changes in orders.ts',
      });
    });
  });
});
