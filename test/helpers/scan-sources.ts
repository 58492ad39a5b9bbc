import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scanProject, type ScanOptions } from '../../src/scan/scan.ts';
import type { ScanReport } from '../../src/scan/report.ts';

/** Scans sources that a test holds itself, by path, as a package of their own. */
export function scanSources(
  sources: Readonly<Record<string, string>>,
  options: ScanOptions = {},
): ScanReport {
  return scanProject(writeSources(sources), options);
}

/** Writes sources into a folder that lives as long as the test, and gives its path. */
export function writeSources(sources: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-sources-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ 'package.json': '{}', ...sources })) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** The mutations of a report, and what it could not follow. */
export function routesOf({ mutations, unresolved }: ScanReport): string[] {
  return [
    ...mutations.map(({ method, path, partial }) => `${method} ${path}${partial ? ' (partial)' : ''}`),
    ...unresolved.map(({ file, line, reason }) => `${file}:${line} ${reason}`),
  ];
}
