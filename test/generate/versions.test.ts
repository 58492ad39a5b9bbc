import { afterEach, beforeEach, expect, test } from 'vitest';
import { addVersion, shopWithCatalog, type TestProject } from './project.ts';

let project: TestProject;

beforeEach(() => {
  project = shopWithCatalog();
});
afterEach(() => project.remove());

const withChannel = (properties: Record<string, unknown>): Record<string, unknown> => ({
  ...properties,
  channel: { type: 'string' },
});

test('one version of each type gives neither casters nor older versions', async () => {
  await project.generate();
  expect([...project.files().keys()]).not.toContain('src/events/casters.ts');
  expect(project.read('src/events/registry.ts')).not.toMatch(/older|Casters/);
});

test('every version that has a file is emitted, with a place for the casters, which is written once', async () => {
  const deprecated = { 1: { since: '2026-01-01', sunset: '2026-07-01' } };
  addVersion(project, 'order.created', withChannel, { deprecated, publishVersions: [1] });
  await project.generate();
  expect(project.read('src/events/registry.ts')).toContain(
    `  'order.created': {
    eventType: 'order.created',
    version: 2,
    audience: 'public',
    schema: orderCreatedV2,
    publishVersions: [1],
    older: [
      {
        version: 1,
        schema: orderCreatedV1,
        downcast: casters['order.created'].v2ToV1,
        upcast: casters['order.created'].v1ToV2,
        deprecation: { since: '2026-01-01', sunset: '2026-07-01' },
      },
    ],
  },
`,
  );
  expect(
    [...project.files().keys()].filter((path) => path.startsWith('src/events/schemas/order.created')),
  ).toEqual(['src/events/schemas/order.created.v1.ts', 'src/events/schemas/order.created.v2.ts']);

  const before = project.files();
  await project.generate();
  expect(project.files()).toEqual(before);
  addVersion(project, 'order.created', withChannel);
  await project.generate();
  expect(project.read('src/events/casters.ts')).toBe(before.get('src/events/casters.ts'));
  expect(project.read('src/events/registry.ts')).toContain(
    'v3ToV2: (data: OrderCreatedV3) => OrderCreatedV2;',
  );
});

test.each([
  ['deprecated', { deprecated: { 3: { since: '2026-01-01' } } }, 'with a file, got 3'],
  ['publishVersions', { publishVersions: [7] }, 'with a file, got 7'],
  ['a sunset before', { deprecated: { 1: { since: '2026-02-01', sunset: '2026-01-01' } } }, 'sunset'],
])('a catalog is refused whose %s cannot be', async (_, settings, message) => {
  addVersion(project, 'order.created', withChannel, settings);
  await expect(project.generate()).rejects.toThrow(message);
});
