import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KERNEL_FIXES, type KernelFix } from '../../src/generate/kernel-fixes.ts';
import { compareVersions, kernelState } from '../../src/generate/kernel-version.ts';
import type { ManifestEntry } from '../../src/generate/manifest.ts';
import { printReport } from '../../src/generate/report.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { edit, makeOlder, OLD } from './older.ts';
import { shopWithCatalog, terminalInto, type TestProject } from './project.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

test('versions come in the order of Semantic Versioning 2.0.0, section 11', () => {
  const order = [
    '0.9.0',
    '0.10.0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '2.0.0',
    '2.1.0',
    '2.1.1',
  ];
  expect(order.toReversed().toSorted(compareVersions)).toEqual(order);
  expect(compareVersions('1.0.0+a', '1.0.0+b')).toBe(0);
});

describe('fixes', () => {
  const entry = (source: string, evtgen: string): ManifestEntry => ({
    owner: 'A',
    source,
    evtgen,
    blob: '',
    ast: '',
  });
  const manifest = new Map<string, ManifestEntry>([
    ['src/events/kernel/stream.ts', entry('src/kernel/stream.ts', '1.0.0')],
    ['src/events/kernel/sign.ts', entry('src/kernel/sign.ts', '1.2.0')],
    ['src/events/setup.ts', { ...entry('templates/setup.hbs', '0.1.0'), owner: 'C' }],
  ]);
  const fix: KernelFix = {
    since: '1.1.0',
    severity: 'security',
    says: 'A stream could skip an event.',
    files: ['src/kernel/stream.ts'],
  };

  test('are missing where a file that was at fault is older', () => {
    const fixes: KernelFix[] = [
      fix,
      { ...fix, since: '1.0.0' },
      { ...fix, files: ['src/kernel/sign.ts'] },
      { ...fix, files: ['src/kernel/other.ts'] },
    ];
    expect(kernelState(manifest, '1.2.0', fixes)).toEqual({
      installed: '1.0.0',
      available: '1.2.0',
      missingFixes: [
        { since: '1.1.0', severity: 'security', says: fix.says, files: ['src/events/kernel/stream.ts'] },
      ],
    });
    expect(kernelState(new Map(), '1.2.0', fixes)).toEqual({
      installed: null,
      available: '1.2.0',
      missingFixes: [],
    });
  });

  test('are named with the files that lack them', () => {
    const lines: string[] = [];
    const kernel = kernelState(manifest, '1.2.0', [fix]);
    printReport(
      { changes: [], kernel, warnings: [], wiring: undefined, nextSteps: [], dir: '.', isApplied: false },
      false,
      terminalInto(lines),
    );
    expect(lines).toEqual([
      'everything is up to date',
      'kernel   1.0.0 is installed, this evtgen writes 1.2.0',
      'security A stream could skip an event.  (fixed in 1.1.0; src/events/kernel/stream.ts)',
    ]);
  });

  test('on record name modules that exist and versions that are out', () => {
    for (const { since, files } of KERNEL_FIXES) {
      expect(compareVersions(since, version)).toBeLessThanOrEqual(0);
      for (const file of files) expect(existsSync(join(repositoryRoot, file))).toBe(true);
    }
  });
});

describe('check', () => {
  let project: TestProject;
  beforeEach(async () => {
    project = shopWithCatalog();
    await project.generate();
  });
  afterEach(() => project.remove());

  test('lists every file with the reason, and names both versions', async () => {
    makeOlder(project, 'src/events/kernel/sign.ts', 'export', '// of old\nexport');
    makeOlder(project, 'src/events/kernel/retry.ts', 'export', '// of old\nexport');
    edit(project, 'src/events/registry.ts', 'export', '// mine\nexport');
    const { status, stdout } = await project.generate('check');
    expect(status).toBe(1);
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      `update   src/events/kernel/retry.ts  (evtgen ${OLD} to ${version})`,
      `update   src/events/kernel/sign.ts  (evtgen ${OLD} to ${version})`,
      'conflict src/events/registry.ts  (edited by hand; --force overwrites it)',
      'update   src/events/.evtgen/manifest.json',
      '3 files to write; nothing was written, 1 file left alone because of hand-made changes',
      `kernel   ${OLD} is installed, this evtgen writes ${version}`,
    ]);
    const json = JSON.parse((await project.generate('check', 'json')).stdout) as object;
    expect(json).toMatchObject({
      kernel: { installed: OLD, available: version, missingFixes: [] },
      warnings: [],
    });
  });

  test('is content with the kernel that a run has just written', async () => {
    makeOlder(project, 'src/events/kernel/sign.ts', 'export', '// of old\nexport');
    expect((await project.generate()).stdout).not.toContain(OLD + ' is installed');
    const { kernel } = JSON.parse((await project.generate('json')).stdout) as { kernel: object };
    expect(kernel).toMatchObject({ installed: version });
  });

  test('names the version where nothing is to be done', async () => {
    const { stdout } = await project.generate('check');
    expect(stdout).toMatch(new RegExp(`^everything is up to date\nkernel {3}${version} is installed`));
  });

  test('a diff says beside it what it cannot show', async () => {
    edit(project, 'src/events/registry.ts', 'export', '// mine\nexport');
    const { status, stdout } = await project.generate('diff');
    expect([status, stdout]).toEqual([
      1,
      'conflict src/events/registry.ts  (edited by hand; --force overwrites it)',
    ]);
  });
});
