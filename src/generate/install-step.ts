import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import { driverOf } from './emit-store.ts';
import type { PackageManager } from './package.ts';
import type { ProjectFacts } from './project.ts';

const ADD: Readonly<Record<PackageManager, readonly [runtime: string, development: string]>> = {
  npm: ['npm install', 'npm install --save-dev'],
  pnpm: ['pnpm add', 'pnpm add --save-dev'],
  yarn: ['yarn add', 'yarn add --dev'],
  bun: ['bun add', 'bun add --dev'],
};

/** The one command that installs what the emitted code imports and the project does not have. */
export function installStep(facts: ProjectFacts): string | undefined {
  const missing = (names: readonly string[]): string[] =>
    names.filter((name) => !facts.dependencies.has(name.replace(/(?<=.)@\d+$/, '')));
  const flag = facts.isWorkspaceRoot ? rootFlag(facts) : '';
  const [add, addDevelopment] = ADD[facts.packageManager];
  const bindings = [facts.broker, facts.transport, facts.metrics].flatMap(
    (binding) => binding?.packages ?? [],
  );
  const driver = driverOf(facts);
  const runtime = missing(['zod', driver, ...bindings, ...peersOf(facts)]);
  const jest = majorOf(facts, 'jest');
  // Its runtime and these typings are released together.
  const runner =
    facts.testRunner === 'vitest' ? 'vitest' : `@jest/globals${jest === undefined ? '' : `@${jest}`}`;
  const isTyped = facts.dialect.fileEnding === '.ts';
  const types = isTyped ? ['@types/node', ...(driver === 'pg' ? ['@types/pg'] : [])] : [];
  const development = missing(['@electric-sql/pglite', ...types, runner]);
  const commands = [
    ...(runtime.length === 0 ? [] : [`${add}${flag} ${runtime.join(' ')}`]),
    ...(development.length === 0 ? [] : [`${addDevelopment}${flag} ${development.join(' ')}`]),
  ];
  return commands.length === 0 ? undefined : `Install what the code imports:\n${commands.join(' && ')}`;
}

/** pnpm and the first yarn add nothing to the root of a workspace unless told that it is meant; later yarns know no flag. */
function rootFlag({ packageManager, root }: ProjectFacts): string {
  if (packageManager === 'pnpm') return ' -w';
  const lock = packageManager === 'yarn' ? readTextIfPresent(join(root, 'yarn.lock')) : undefined;
  return lock !== undefined && /^# yarn lockfile v1/m.test(lock) ? ' -W' : '';
}

function peersOf(facts: ProjectFacts): readonly string[] {
  const { packages: [name = ''] = [], peers } = facts.broker ?? {};
  if (peers === undefined) return [];
  return (majorOf(facts, name) ?? peers.since) < peers.since ? [] : peers.packages;
}

/** 29 for a project on Jest ^29.1.0. */
function majorOf({ dependencies }: ProjectFacts, name: string): number | undefined {
  const major = /\d+/.exec(dependencies.get(name) ?? '')?.[0];
  return major === undefined ? undefined : Number(major);
}
