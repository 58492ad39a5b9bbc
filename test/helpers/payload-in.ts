import type { Mutation } from '../../src/scan/report.ts';
import { scanSources } from './scan-sources.ts';

/** The packages whose routing the sources may use; none of them is installed. */
const DEPENDENCIES = ['express', 'fastify', 'hono', '@hono/zod-openapi', '@nestjs/common', 'koa', 'next'];

/** The payload of the first mutation that is kept. */
export function payloadIn(
  files: Readonly<Record<string, string>>,
): Pick<Mutation, 'payload' | 'payloadSource' | 'sensitive'> {
  const dependencies = Object.fromEntries(DEPENDENCIES.map((name) => [name, '*']));
  const manifest = JSON.stringify({ name: 'orders', dependencies });
  const report = scanSources({ 'package.json': manifest, ...files });
  const found = report.mutations.find((mutation) => mutation.kind === 'mutation');
  if (found === undefined) throw new Error(`no mutation in ${JSON.stringify(report)}`);
  return { payload: found.payload, payloadSource: found.payloadSource, sensitive: found.sensitive };
}
