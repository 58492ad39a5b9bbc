import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { alone } from '../../src/generate/exclusive.ts';

// As in a container that runs as a number of which /etc/passwd knows nothing.
vi.mock('node:os', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  userInfo: () => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)');
  },
}));

test('a user without a name can generate', async () => {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-nameless-'));
  expect(await alone(root, () => Promise.resolve('done'))).toBe('done');
  rmSync(root, { recursive: true });
});
