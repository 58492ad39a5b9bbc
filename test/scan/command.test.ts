import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanCommand } from '../../src/commands/scan.ts';
import type { Terminal } from '../../src/ui/terminal.ts';

const fixture = fileURLToPath(new URL('../../fixtures/scan-payloads', import.meta.url));
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-scan-command-'));
  cpSync(fixture, root, { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true });
  process.exitCode = undefined;
});

async function run(...args: string[]): Promise<{ result: string[]; notes: string[]; exitCode: unknown }> {
  const result: string[] = [];
  const notes: string[] = [];
  const terminal: Terminal = {
    cwd: root,
    env: { NO_COLOR: '1' },
    isInteractive: false,
    columns: 80,
    result: (line) => result.push(line),
    note: (line) => notes.push(line),
  };
  process.exitCode = undefined;
  await scanCommand(terminal).exitOverride().parseAsync(args, { from: 'user' });
  const { exitCode } = process;
  process.exitCode = undefined;
  return { result, notes, exitCode };
}

describe('evtgen scan', () => {
  it('lists mutations without asking where nobody can answer', async () => {
    const { result, notes, exitCode } = await run();
    expect(result[0]).toMatch(/^PUT +\/fields +field\.updated +high +src\/api\.ts:\d+$/);
    expect(result.at(-1)).toBe('\n8 mutations, 8 event types (2 of 2 files parsed)');
    expect(notes).toEqual([]);
    expect(exitCode).toBeUndefined();
  });

  it('--json prints exactly one document', async () => {
    const { result } = await run('--json');
    expect(result).toHaveLength(1);
    expect(JSON.parse(result.join())).toMatchObject({ schemaVersion: 1, frameworks: ['express'], orm: 'pg' });
  });

  it('--write makes the catalog, a second time changes no byte, and --check agrees', async () => {
    const first = await run('--write');
    expect(first.notes.at(-1)).toBe('wrote events/catalog.json and 8 schema files');
    const written = readFileSync(join(root, 'events/catalog.json'), 'utf8');
    expect((await run('--write')).notes).toEqual(['events/ is up to date']);
    expect(readFileSync(join(root, 'events/catalog.json'), 'utf8')).toBe(written);
    expect(await run('--check')).toMatchObject({
      exitCode: undefined,
      notes: ['events/catalog.json is up to date'],
    });
  });

  it('--check exits 1 and says what is new and gone', async () => {
    await run('--write');
    const api = join(root, 'src/api.ts');
    writeFileSync(
      api,
      readFileSync(api, 'utf8').replace("app.delete('/nothing'", "app.delete('/things/:id'"),
    );
    const { exitCode, notes } = await run('--check');
    expect(exitCode).toBe(1);
    expect(notes).toEqual([
      'new   DELETE /things/:id  thing.deleted',
      'gone  DELETE /nothing',
      'events/catalog.json is out of date (2); run "evtgen scan --write"',
    ]);
  });

  it('refuses a broken catalog before it prints or writes', async () => {
    await run('--write');
    writeFileSync(join(root, 'events/catalog.json'), '{');
    await expect(run('--write')).rejects.toThrow(
      /^events\/catalog\.json is not valid JSON: .* at line 1, column 2$/,
    );
    expect(readFileSync(join(root, 'events/catalog.json'), 'utf8')).toBe('{');
  });

  it('refuses --write together with --check', async () => {
    await expect(run('--write', '--check')).rejects.toThrow('--write and --check exclude each other');
  });
});
