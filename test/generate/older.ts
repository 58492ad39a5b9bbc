import { writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { expect } from 'vitest';
import { astHash } from '../../src/generate/ast-hash.ts';
import { gitBlobId } from '../../src/generate/git-blob-id.ts';
import { formatManifest, parseManifest } from '../../src/generate/manifest.ts';
import type { TestProject } from './project.ts';

export const MANIFEST = 'src/events/.evtgen/manifest.json';
export const OLD = '0.0.9';

/** Replaces a part of a file that must be there. */
export function edit(project: TestProject, path: string, from: string | RegExp, to: string): void {
  const text = project.read(path);
  expect(text).toMatch(from);
  writeFileSync(project.path(path), text.replace(from, to));
}

/** Makes a generated file what an older evtgen would have written, whose module had other words in it. */
export function makeOlder(
  project: TestProject,
  path: string,
  current: string | RegExp,
  older: string,
  manifestFile: string = MANIFEST,
): string {
  edit(project, path, current, older);
  edit(project, path, /evtgen \d\S*(?=,)/, `evtgen ${OLD}`);
  const text = project.read(path);
  const manifest = new Map(parseManifest(manifestFile, project.read(manifestFile)));
  const entry = manifest.get(path);
  if (entry === undefined) throw new Error(`${path} is not in the manifest`);
  manifest.set(path, { ...entry, evtgen: OLD, blob: gitBlobId(text), ast: astHash(path, text) });
  writeFileSync(project.path(manifestFile), formatManifest(manifest));
  return text;
}

export function git(project: TestProject, ...args: string[]): string {
  const identity = [
    '-c',
    'user.name=Ada',
    '-c',
    'user.email=ada@example.com',
    '-c',
    'init.defaultBranch=main',
  ];
  return execaSync('git', [...identity, ...args], { cwd: project.root }).stdout;
}

export function commitAll(project: TestProject): void {
  git(project, 'init', '--quiet');
  git(project, 'add', '--all', '--', ':!node_modules');
  git(project, 'commit', '--quiet', '--message', 'everything');
}
