import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { shop, type TestProject } from '../generate/project.ts';

let project: TestProject;
beforeEach(() => {
  project = shop('nest-orders');
  project.scan();
});
afterEach(() => project.remove());

const module = (providers: string): string => `import { Test } from '@nestjs/testing';
import { OrdersService } from '../src/orders/orders.service';
export const made = Test.createTestingModule({ providers: [${providers}] }).compile();
`;

it('names the tests that have to provide the emitter from now on', async () => {
  mkdirSync(project.path('test'));
  writeFileSync(project.path('test/orders.ts'), module('OrdersService'));
  writeFileSync(project.path('src/orders/orders.spec.ts'), module('{ provide: Clock, useValue: 0 }, OrdersService'));
  writeFileSync(project.path('test/replaced.ts'), module('{ provide: OrdersService, useValue: {} }'));
  writeFileSync(project.path('test/provided.ts'), module('OrdersService, { provide: Events, useValue: {} }'));

  const { stdout } = await project.generate('wire', 'allowDirty', 'isDry');
  const lines = stdout.replaceAll(/^ +/gm, '');

  expect(lines).toContain(
    'Provide the emitter in the tests that make modules of classes which have it injected now:\n' +
      "import { Events } from '../events/events.module';\n" +
      '{ provide: Events, useValue: { emit: async () => undefined } }\n' +
      'src/orders/orders.spec.ts\ntest/orders.ts',
  );
  expect(stdout).not.toContain('test/replaced.ts');
});

it('leaves a class alone that a test makes by hand', async () => {
  writeFileSync(project.path('src/orders/orders.spec.ts'), 'export const orders = new OrdersService(null as never);\n');
  const { stdout } = await project.generate('wire', 'allowDirty', 'isDry');
  expect(stdout).toContain('`OrdersService` is also made or extended at src/orders/orders.spec.ts:1');
});
