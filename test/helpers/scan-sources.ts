import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Mutation, ScanReport } from '../../src/scan/report.ts';
import { scanProject } from '../../src/scan/scan.ts';

/** The packages whose routing the sources may use; none of them is installed. */
const DEPENDENCIES = [
  'express',
  'fastify',
  'hono',
  '@hono/zod-openapi',
  '@nestjs/common',
  'koa',
  '@koa/router',
  '@hapi/hapi',
  'next',
];

/** Scans a project that consists of the given sources alone. */
export function scanSources(files: Readonly<Record<string, string>>): ScanReport {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-sources-'));
  try {
    const dependencies = Object.fromEntries(DEPENDENCIES.map((name) => [name, '*']));
    const manifest = { name: 'orders', dependencies };
    for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return scanProject(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The payload of the first mutation that is kept. */
export function payloadIn(
  files: Readonly<Record<string, string>>,
): Pick<Mutation, 'payload' | 'payloadSource' | 'sensitive'> {
  const report = scanSources(files);
  const found = report.mutations.find((mutation) => mutation.kind === 'mutation');
  if (found === undefined) throw new Error(`no mutation in ${JSON.stringify(report)}`);
  return { payload: found.payload, payloadSource: found.payloadSource, sensitive: found.sensitive };
}
