import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ReportFormat } from '../../src/check/print.ts';
import { runCheck } from '../../src/check/run.ts';
import { edit } from '../generate/older.ts';
import {
  linkDependencies,
  projectAt,
  shopWithCatalog,
  terminalInto,
  type TestProject,
} from '../generate/project.ts';
import { folderWith } from '../helpers/write-files.ts';
import { scanIn } from '../helpers/scan-in.ts';

const CATALOG = 'events/catalog.json';
const SERVICE = 'src/services/order-service.ts';

interface Report {
  readonly ok: boolean;
  readonly findings: readonly { rule: string; message: string; file: string; line?: number; fix: string }[];
  readonly mutations: readonly { mutation: string; state: string; file: string; line: number }[];
  readonly notGenerated: readonly string[];
}

async function run(
  root: string,
  format: ReportFormat = 'json',
  isStrict = false,
): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const terminal = {
    ...terminalInto(lines, root),
    env: { NO_COLOR: '1' },
    note: (line: string) => void lines.push(`note: ${line}`),
  };
  return { status: await runCheck({ dir: '.', format, isStrict }, terminal), lines };
}

async function check(root: string): Promise<Report & { readonly status: number }> {
  const { status, lines } = await run(root);
  expect(lines).toHaveLength(1);
  return { status, ...(JSON.parse(lines[0] ?? '') as Report) };
}

const rulesOf = ({ findings }: Report): string[] => findings.map(({ rule }) => rule);

describe('a shop that was generated and wired', () => {
  let prepared: TestProject;
  let before: Report & { readonly status: number };
  let project: TestProject;

  beforeAll(async () => {
    project = prepared = shopWithCatalog();
    linkDependencies(project);
    await project.generate('wire');
    // What is left to do by hand is decided against, so that nothing is left to find.
    const { mutations } = await check(project.root);
    const byHand = mutations.filter(({ state }) => state === 'by_hand').map(({ mutation }) => mutation);
    changeCatalog((catalog) => {
      for (const key of byHand) catalog.mutations[key] = { ignore: 'later' };
      const used = new Set(Object.values(catalog.mutations).map(({ event }) => event));
      for (const eventType of Object.keys(catalog.eventTypes).filter((name) => !used.has(name))) {
        delete catalog.eventTypes[eventType];
        rmSync(project.path(`events/schemas/${eventType}.v1.json`));
      }
    });
    await project.generate();
    before = await check(project.root);
  });
  afterAll(() => prepared.remove());

  beforeEach(() => {
    const root = mkdtempSync(join(tmpdir(), 'evtgen-shop-'));
    cpSync(prepared.root, root, { recursive: true, verbatimSymlinks: true });
    project = projectAt(root);
  });
  afterEach(() => project.remove());

  function changeCatalog(
    change: (catalog: {
      eventTypes: Record<string, { version: number; audience?: string }>;
      mutations: Record<string, { event?: string; ignore?: string }>;
    }) => void,
  ): void {
    const catalog = JSON.parse(project.read(CATALOG)) as Parameters<typeof change>[0];
    change(catalog);
    writeFileSync(project.path(CATALOG), JSON.stringify(catalog));
  }

  test('has no findings', () => {
    expect(before).toMatchObject({ status: 0, ok: true, findings: [], notGenerated: [] });
    expect(new Set(before.mutations.map(({ state }) => state))).toEqual(new Set(['wired']));
    expect(before.mutations.length).toBeGreaterThan(10);
  });

  test('says so of a mutation that lost its emit call, and where it belongs', async () => {
    edit(project, SERVICE, /\n *await events\.emit\(client, 'order\.cancelled'.*/, '');
    const after = await check(project.root);
    expect(after.status).toBe(1);
    expect(after.findings).toEqual([
      {
        rule: 'missing_emit',
        level: 'error',
        message: 'POST /api/v1/orders/:id/cancel is to emit order.cancelled, and does not',
        file: SERVICE,
        line: expect.any(Number),
        fix: 'run "evtgen generate --wire", or decide against the event in the catalog',
      },
    ]);
  });

  test('lets an emit call stand where the handler is not seen to lead, unless another handler leads there', async () => {
    edit(project, SERVICE, /\n *await events\.emit\(client, 'order\.cancelled'.*/, '');
    writeFileSync(
      project.path('src/cancel-job.ts'),
      `import { events } from './events/setup.ts';
export async function cancelled(client: never, order: never) { await events.emit(client, 'order.cancelled', order); }
`,
    );
    const elsewhere = await check(project.root);
    expect(rulesOf(elsewhere)).toEqual([]);
    expect(elsewhere.mutations).toContainEqual(
      expect.objectContaining({ state: 'elsewhere', file: 'src/cancel-job.ts', line: 2 }),
    );

    rmSync(project.path('src/cancel-job.ts'));
    changeCatalog((catalog) => {
      catalog.mutations['POST /api/v1/orders/:id/cancel'] = { event: 'order.shipped' };
    });
    expect((await check(project.root)).findings).toContainEqual(
      expect.objectContaining({ rule: 'missing_emit', message: expect.stringContaining('order.shipped') }),
    );
  });

  test('names mutations that nobody decided about, with their place', async () => {
    changeCatalog((catalog) => void delete catalog.mutations['POST /api/v1/orders/search']);
    expect((await check(project.root)).findings).toEqual([
      expect.objectContaining({
        rule: 'undecided_mutation',
        message: 'nobody has decided about POST /api/v1/orders/search: no event is proposed',
        file: 'src/api/orders.ts',
        line: expect.any(Number),
      }),
    ]);
  });

  test('names what no code stands behind', async () => {
    changeCatalog((catalog) => {
      catalog.mutations['DELETE /api/v1/carts/:id'] = { event: 'cart.deleted' };
      catalog.eventTypes['cart.deleted'] = { version: 1, audience: 'public' };
    });
    writeFileSync(
      project.path('events/schemas/cart.deleted.v1.json'),
      '{"type": "object", "properties": {}}',
    );
    writeFileSync(project.path('events/schemas/cart.made.v2.json'), '{"type": "object", "properties": {}}');
    await project.generate();
    const { findings } = await check(project.root);
    expect(findings.map(({ rule, file }) => [rule, file])).toEqual([
      ['gone_mutation', CATALOG],
      ['orphan_event_type', CATALOG],
      ['orphan_schema', 'events/schemas/cart.made.v2.json'],
    ]);
  });

  test('names generated files that are not what generate writes', async () => {
    rmSync(project.path('src/events/kernel/envelope.ts'));
    edit(project, 'src/events/kernel/emit.ts', /$/, '\nexport const ours = 1;\n');
    edit(project, 'src/events/schemas/order.created.v1.ts', /$/, '\nexport const ours = 1;\n');
    changeCatalog((catalog) => {
      const entry = catalog.eventTypes['order.created'];
      if (entry !== undefined) entry.audience = 'internal';
    });
    const { findings } = await check(project.root);
    const drift = findings.filter(({ rule }) => rule === 'generated_file_drift');
    expect(drift.map(({ file }) => file)).toContain('src/events/kernel/envelope.ts');
    // An edited kernel file is the team's right as long as generate has nothing new for it.
    expect(drift.map(({ file }) => file)).not.toContain('src/events/kernel/emit.ts');
    expect(findings.length).toBe(drift.length);
  });

  test('is reported for people, as annotations and as SARIF alike', async () => {
    edit(project, SERVICE, /\n *await events\.emit\(client, 'order\.cancelled'.*/, '');
    const human = await run(project.root, 'human');
    expect(human.lines).toEqual([
      expect.stringMatching(/^src\/services\/order-service\.ts:\d+ {2}missing_emit$/),
      '  POST /api/v1/orders/:id/cancel is to emit order.cancelled, and does not',
      '  run "evtgen generate --wire", or decide against the event in the catalog',
      expect.stringMatching(/^\d+ mutations with an event: \d+ wired, 1 not wired; 1 problem$/),
    ]);
    const github = await run(project.root, 'github');
    expect(github.lines).toEqual([
      expect.stringMatching(
        /^::error file=src\/services\/order-service\.ts,line=\d+,title=evtgen%3A missing_emit::POST \/api\S+ is to emit/,
      ),
    ]);
    const sarif = await run(project.root, 'sarif');
    expect(JSON.parse(sarif.lines.join('\n'))).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'evtgen check', rules: [{ id: 'missing_emit' }] } },
          results: [
            {
              ruleId: 'missing_emit',
              level: 'error',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: SERVICE },
                    region: { startLine: expect.any(Number) },
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    expect([human, github, sarif].map(({ status }) => status)).toEqual([1, 1, 1]);
  });

  test('shows in a scan which mutations are wired', async () => {
    edit(project, SERVICE, /\n *await events\.emit\(client, 'order\.cancelled'.*/, '');
    const { result, notes } = await scanIn(project.root);
    expect(notes).toEqual([]);
    expect(result.find((line) => line.includes('/orders/:id/cancel'))).toMatch(/order\.cancelled +not wired/);
    expect(result.find((line) => line.includes('/orders/:id/ship'))).toMatch(/order\.shipped +wired/);
  });
});

describe('before anything was generated', () => {
  const routes = `import express from 'express';
const app = express();
app.post('/orders', (req, res) => res.json({ id: '1' }));
`;
  const manifest = { name: 'orders', dependencies: { express: '*' } };
  const catalog = {
    catalogVersion: 1,
    eventTypes: { 'order.created': { version: 1, audience: 'public' } },
    mutations: { 'POST /orders': { event: 'order.created' }, 'POST /gone': { ignore: 'query', gone: true } },
  };
  const schema = { type: 'object', properties: {} };

  test('only code and catalog are compared, and it is said that the rest was not', async () => {
    const root = folderWith({
      'package.json': manifest,
      'app.js': routes,
      [CATALOG]: catalog,
      'events/schemas/order.created.v1.json': schema,
    });
    const { status, lines } = await run(root, 'human');
    expect({ status, lines }).toEqual({
      status: 0,
      lines: [
        'no problems',
        'note: nothing was generated into lib/events yet, so emit calls and generated files were not checked',
      ],
    });
    writeFileSync(`${root}/app.js`, `${routes}app.post('/gone', (req, res) => res.end());\n`);
    expect(await check(root)).toMatchObject({
      status: 1,
      findings: [{ rule: 'returned_mutation', file: 'app.js', line: 4 }],
    });
  });

  test('without a catalog there is nothing to check', async () => {
    const root = folderWith({ 'package.json': manifest, 'app.js': routes });
    await expect(run(root)).rejects.toMatchObject({ code: 'no_catalog', exitCode: 2 });
  });

  test('at the root of a monorepo every package with a catalog is checked, also one that lost its routes', async () => {
    const root = folderWith({
      'package.json': { name: 'all', workspaces: ['packages/*'] },
      'packages/orders/package.json': manifest,
      'packages/orders/app.js': routes,
      [`packages/orders/${CATALOG}`]: { ...catalog, mutations: {}, eventTypes: {} },
      'packages/mails/package.json': { ...manifest, name: 'mails' },
      'packages/mails/app.js': 'module.exports = {};\n',
      [`packages/mails/${CATALOG}`]: {
        ...catalog,
        mutations: { 'POST /mails': { ignore: 'query' } },
        eventTypes: {},
      },
      'packages/other/package.json': { ...manifest, name: 'other' },
      'packages/other/app.js': routes,
    });
    const { findings } = await check(root);
    expect(findings.map(({ rule, file }) => [rule, file]).sort()).toEqual([
      ['gone_mutation', `packages/mails/${CATALOG}`],
      ['undecided_mutation', 'packages/orders/app.js'],
    ]);
    expect(findings.map(({ fix }) => fix).sort()).toEqual([
      expect.stringContaining('run "evtgen scan packages/mails --write" to mark it'),
      expect.stringContaining('run "evtgen scan packages/orders" and decide'),
    ]);
  });
});
