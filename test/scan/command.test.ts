import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanIn } from '../helpers/scan-in.ts';

const fixture = fileURLToPath(new URL('../../fixtures/scan-payloads', import.meta.url));
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evtgen-scan-command-'));
  cpSync(fixture, root, { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const run = (...args: string[]) => scanIn(root, ...args);

describe('evtgen scan', () => {
  it('lists mutations without asking where nobody can answer', async () => {
    const { result, notes, exitCode } = await run();
    expect(result[0]).toMatch(/^PUT +\/fields +field\.updated +high +src\/api\.ts:\d+$/);
    expect(result.at(-1)).toBe('\n8 mutations, 8 event types (2 of 2 files parsed)');
    expect(notes).toEqual(['next: evtgen scan --write, which puts what is new into events/']);
    expect(exitCode).toBeUndefined();
  });

  it('--json prints exactly one document', async () => {
    const { result } = await run('--json');
    expect(result).toHaveLength(1);
    expect(JSON.parse(result.join())).toMatchObject({ schemaVersion: 1, frameworks: ['express'], orm: 'pg' });
  });

  it('--write makes the catalog, a second time changes no byte, and --check agrees', async () => {
    const first = await run('--write');
    expect(first.notes.slice(-2)).toEqual([
      'wrote events/catalog.json and 8 schema files',
      'next: evtgen generate, with --wire to put the emit calls into handlers too',
    ]);
    const written = readFileSync(join(root, 'events/catalog.json'), 'utf8');
    expect((await run('--write')).notes).toEqual(['events/ is up to date']);
    expect(readFileSync(join(root, 'events/catalog.json'), 'utf8')).toBe(written);
    expect(await run('--check')).toMatchObject({
      exitCode: undefined,
      notes: ['events/catalog.json is up to date'],
    });
  });

  it('--write makes no catalog of nothing', async () => {
    rmSync(join(root, 'src'), { recursive: true });
    const { notes } = await run('--write');
    expect(notes).toEqual(['no catalog was written: there is no mutation to put into it']);
    expect(existsSync(join(root, 'events'))).toBe(false);
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

  it('--name and --ignore decide as a person would', async () => {
    const name = 'PUT /fields=field.replaced';
    const { notes } = await run('--write', '--name', name, '--ignore', 'DELETE /nothing=nobody asks for it');
    expect(notes).toContain('new   PUT /fields  field.replaced');
    const catalog = JSON.parse(readFileSync(join(root, 'events/catalog.json'), 'utf8'));
    expect(catalog.mutations['DELETE /nothing']).toEqual({ ignore: 'nobody asks for it' });
  });

  it.each([
    [['--write', '--name', 'PUT /none=a.b'], /--name names "PUT \/none", which the scan did not find/],
    [['--write', '--name', 'PUT /fields=Field'], /is no event type/],
    [['--write', '--name', 'PUT /fields'], /needs METHOD \/path=event\.type/],
    [['--ignore', 'PUT /fields'], /go with --write/],
  ])('refuses %j', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });
});
