import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../helpers/exec.ts';
import type { Service } from '../../helpers/services.ts';

/** Half a gigabyte that no other test needs, so they are not among the dependencies of this repository. */
const folder = join(repositoryRoot, 'test/stores/orms');

export const ormPackages: Service = {
  title: 'the ORMs',
  url: existsSync(join(folder, 'node_modules')) && existsSync(join(folder, 'generated')) ? folder : undefined,
  advice: 'install them with: npm install --prefix test/stores/orms',
};
