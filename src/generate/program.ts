import type { PackageManager } from './package.ts';

/** A program that a package brings. */
export interface Program {
  readonly package: string;
  readonly name: string;
}

const RUN: Readonly<Record<PackageManager, string>> = {
  npm: 'npx',
  pnpm: 'pnpm exec',
  // Plug'n'Play has no folder of programs that `npx` could look into.
  yarn: 'yarn',
  bun: 'bunx',
};

/** For once, from the registry. The first yarn has no way of its own. */
const FETCH: Readonly<Record<PackageManager, (of: string) => string>> = {
  npm: (of) => `npx --package ${of}`,
  pnpm: (of) => `pnpm --package=${of} dlx`,
  yarn: (of) => `npx --package ${of}`,
  bun: (of) => `bunx --package ${of}`,
};

/** How a program is called in a project; by its package where the project does not have that. */
export function callOf(program: Program, manager: PackageManager, isInstalled: boolean): string {
  return `${isInstalled ? RUN[manager] : FETCH[manager](program.package)} ${program.name}`;
}
