import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectAt } from '../generate/project.ts';
import { evtgen, repositoryRoot } from '../helpers/exec.ts';
import { folderWith } from '../helpers/write-files.ts';
import { startServe } from './local-server.ts';

const invoice = {
  'events/catalog.json': {
    catalogVersion: 1,
    eventTypes: { 'invoice.paid': { version: 1, audience: 'public' } },
    mutations: {},
  },
  'events/schemas/invoice.paid.v1.json': {
    type: 'object',
    properties: { id: { type: 'string' }, total: { type: 'integer' } },
    required: ['id', 'total'],
  },
};
/** CommonJS: its imports have no endings, which no Node.js finds. */
const project = {
  ...invoice,
  'package.json': { dependencies: { express: '5', pg: '8', zod: '4' } },
  'tsconfig.json': { compilerOptions: { module: 'commonjs', esModuleInterop: true } },
  'src/app.ts': "import express from 'express';\n\nexport const app = express();\n",
};

function edit(root: string, path: string, from: string, to: string): void {
  const file = join(root, path);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

it('runs what a project made of its kernel and schemas', { timeout: 180_000 }, async () => {
  const root = folderWith(project);
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
  expect(await refusal(root)).toContain('nothing was generated here');
  await projectAt(root).generate();
  const deliver = 'src/events/kernel/deliver.ts';
  edit(root, deliver, "'evtgen-webhooks/1'", "'our-shop/2'");
  edit(root, 'src/events/schemas/invoice.paid.v1.ts', 'z.int()', 'z.int().max(9)');

  const server = await startServe(root, '--project', '--in-memory');
  expect(server.ready).toMatchObject({
    isProject: true,
    kernel: { output: 'src/events', edited: [deliver] },
  });
  const paid = (total: unknown) => ({ type: 'invoice.paid', data: { id: 'inv_1', total } });
  expect(await server.request('POST', '/events', [paid(9), paid(10)])).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '#/1/data/total' }] },
  });
  expect((await server.request('POST', '/events', paid(9))).status).toBe(202);
  const { requests, verified } = await server.received('default', 1);
  expect([requests[0]?.headers['user-agent'], verified]).toEqual(['our-shop/2', 1]);
  // The list of before was refused as a whole.
  expect((await server.overview()).head).toBe(1);
  await server.running.stop('SIGTERM');

  edit(root, 'src/events/registry.ts', 'export const registry', 'const renamed');
  expect(await refusal(root)).toContain('src/events/registry.ts exports no registry');
  rmSync(join(root, 'node_modules'));
  expect(await refusal(root)).toMatch(/src\/events\/registry\.ts: Cannot find package 'zod'/);
});

/** @returns what it says when it does not start */
async function refusal(cwd: string): Promise<string> {
  const { status, stderr } = await evtgen(['serve', '--project', '--in-memory', '--port', '0'], { cwd });
  expect(status).toBe(2);
  return stderr;
}
