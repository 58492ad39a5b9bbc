import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../helpers/exec.ts';
import type { Service } from '../../helpers/services.ts';

/** Half a gigabyte that no other test needs, so they are not among the dependencies of this repository. */
export const ormFolder: string = join(repositoryRoot, 'test/stores/orms');

export const ormPackages: Service = {
  title: 'the ORMs',
  url: existsSync(join(ormFolder, 'generated')) ? ormFolder : undefined,
  advice: 'install them with: npm install --prefix test/stores/orms',
};
