import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { shop, type TestProject } from '../generate/project.ts';

let project: TestProject;
beforeEach(() => {
  project = shop('next-orders');
  project.scan();
});
afterEach(() => project.remove());

const wire = async (): Promise<string> => {
  const { stdout } = await project.generate('wire', 'allowDirty', 'isDry');
  return stdout.replaceAll(/^ +/gm, '');
};

it('names the tests whose client has to run transactions from now on', async () => {
  writeFileSync(project.path('deep.test.ts'), 'export const prisma = mockDeep<PrismaClient>();\n');
  writeFileSync(project.path('module.test.ts'), `vi.mock('./lib/prisma', () => ({ prisma: { order: {} } }));\n`);
  writeFileSync(project.path('ready.test.ts'), `vi.mock('./lib/prisma', () => ({ prisma: { $transaction } }));\n`);

  expect(await wire()).toContain(
    'Let what these tests have in the place of the database run the transactions that writes are in now:\n' +
      '$transaction: (work) => work(prisma)\n' +
      `vi.mock('./lib/events/setup', () => ({ events: { emit: async () => undefined } }));\n` +
      'deep.test.ts\nmodule.test.ts',
  );
});

it('says nothing of tests where there are none', async () => {
  expect(await wire()).not.toContain('in the place of the database');
});
