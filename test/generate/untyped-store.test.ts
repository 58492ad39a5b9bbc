import { expect, test } from 'vitest';
import { linkDependencies, shopWithCatalog } from './project.ts';

test('who wires before the dependencies are installed is told what that costs', async () => {
  const project = shopWithCatalog();
  const warning =
    'pg is not in node_modules, so most of its writes are not recognised: install the dependencies, then wire';
  expect((await project.generate('isDry', 'wire', 'allowDirty')).stdout).toContain(warning);
  expect((await project.generate('isDry')).stdout).not.toContain('node_modules,');
  linkDependencies(project);
  expect((await project.generate('isDry', 'wire', 'allowDirty')).stdout).not.toContain('node_modules,');
  project.remove();
});
