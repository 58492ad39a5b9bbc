import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../helpers/exec.ts';
import type { TestProject } from './project.ts';

const COMPILERS = {
  '5.4': 'typescript-5.4',
  '5.9': 'typescript-5.9',
  '6.0': 'typescript',
  '7.0': 'typescript-7.0',
} as const;
export type Version = keyof typeof COMPILERS;
export const VERSIONS = Object.keys(COMPILERS) as Version[];

/** The compiler's output over the given files, in the project's own settings. */
export function compile(
  project: TestProject,
  version: Version,
  config: string,
  files: readonly string[],
): Promise<string> {
  const judged = `judge-${version}-${config}`;
  const settings = {
    extends: `./${config}`,
    // Declarations of others take most of the time and are not judged.
    compilerOptions: { noEmit: true, rootDir: '.', skipLibCheck: true },
    include: [],
    files,
  };
  writeFileSync(project.path(judged), JSON.stringify(settings));
  const compiler = join(repositoryRoot, 'node_modules', COMPILERS[version], 'bin/tsc');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [compiler, '-p', judged, '--pretty', 'false'],
      { cwd: project.root },
      (_, stdout) => resolve(stdout),
    );
  });
}
