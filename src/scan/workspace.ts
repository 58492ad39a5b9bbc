import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readTextIfPresent } from '../config/json-file.ts';
import { entriesOf } from './files.ts';

/** A package of a monorepo, or an application of Nx that has no package.json of its own. */
export interface WorkspacePackage {
  /** Null where its package.json gives none. */
  readonly name: string | null;
  readonly folder: string;
}

export interface Workspace {
  /** The folder that holds all packages; the scanned folder itself where it is in no monorepo. */
  readonly root: string;
  readonly isMonorepo: boolean;
  /** Every package below the root, the root's own first. Found when first asked for. */
  readonly packages: () => readonly WorkspacePackage[];
}

/** Files that stand at the root of a monorepo of npm, yarn, pnpm, Lerna, Nx, Turborepo or Rush. */
const ROOT_FILES = ['pnpm-workspace.yaml', 'lerna.json', 'nx.json', 'turbo.json', 'rush.json'];
const NEVER_ENTERED = /^(?:\..*|node_modules|bower_components|dist|build|out|coverage)$/;
const MAX_DEPTH = 6;

const nameSchema = z.looseObject({ name: z.string().optional().catch(undefined) });
const nxProjectSchema = z.looseObject({ projectType: z.string().optional().catch(undefined) });
const workspacesSchema = z.looseObject({ workspaces: z.unknown().optional() });

/** The monorepo that a folder is part of. Looks up to the repository's root and no further. */
export function findWorkspace(folder: string): Workspace {
  const found = workspaceRoot(folder);
  const root = found ?? folder;
  let packages: WorkspacePackage[] | null = null;
  return { root, isMonorepo: found !== null, packages: () => (packages ??= packagesBelow(root)) };
}

/**
 * The folder and those above it, nearest first, up to the top of the repository; outside of one, up to the root of
 * its monorepo, or the folder alone.
 */
export function foldersUpwards(folder: string): string[] {
  const folders: string[] = [];
  let count = 1;
  for (let current = folder; ; current = dirname(current)) {
    folders.push(current);
    if (existsSync(join(current, '.git'))) return folders;
    if (isWorkspaceRoot(current)) count = folders.length;
    if (dirname(current) === current) return folders.slice(0, count);
  }
}

function workspaceRoot(folder: string): string | null {
  return foldersUpwards(folder).findLast(isWorkspaceRoot) ?? null;
}

function isWorkspaceRoot(folder: string): boolean {
  if (ROOT_FILES.some((name) => existsSync(join(folder, name)))) return true;
  const manifest = readJson(join(folder, 'package.json'));
  const parsed = workspacesSchema.safeParse(manifest);
  return parsed.success && parsed.data.workspaces !== undefined;
}

/** The package.json that holds for a folder: its own, or the root's for a project of Nx that has none. */
export function manifestFile(folder: string): string | undefined {
  const own = join(folder, 'package.json');
  if (existsSync(own)) return own;
  const shared = join(findWorkspace(folder).root, 'package.json');
  return existsSync(join(folder, 'project.json')) && existsSync(shared) ? shared : undefined;
}

/** @param maxDepth how many folders deep it looks. */
export function packagesBelow(root: string, maxDepth = MAX_DEPTH): WorkspacePackage[] {
  const found: WorkspacePackage[] = [];
  const hasNx = existsSync(join(root, 'nx.json'));
  const enter = (folder: string, depth: number): void => {
    const entries = entriesOf(folder);
    if (entries.some((entry) => entry.name === 'package.json')) {
      const parsed = nameSchema.safeParse(readJson(join(folder, 'package.json')));
      found.push({ name: (parsed.success ? parsed.data.name : undefined) ?? null, folder });
    } else if (hasNx && entries.some((entry) => entry.name === 'project.json') && isApplication(folder)) {
      found.push({ name: null, folder });
    }
    if (depth === maxDepth) return;
    for (const entry of entries) {
      if (entry.isDirectory() && !NEVER_ENTERED.test(entry.name)) enter(join(folder, entry.name), depth + 1);
    }
  };
  enter(root, 0);
  return found;
}

/** A library of Nx has no routes until an application imports it. */
function isApplication(folder: string): boolean {
  const parsed = nxProjectSchema.safeParse(readJson(join(folder, 'project.json')));
  return parsed.success && parsed.data.projectType === 'application';
}

/** Undefined where there is none, or none that can be read: what is wrong with it is not the scan's to say. */
export function readJson(file: string): unknown {
  const text = readTextIfPresent(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
