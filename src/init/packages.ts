import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { frameworksIn, type DependencyGroups } from '../generate/detect-framework.ts';
import { readPackage } from '../generate/project.ts';
import { findWorkspace } from '../scan/workspace.ts';
import { EvtgenError } from '../ui/errors.ts';

export interface ApiPackage {
  /** Relative to the root of the monorepo, with forward slashes. */
  readonly folder: string;
  readonly framework: string;
}

/** The packages of a monorepo that look like APIs; undefined for a folder that is no monorepo's root, or is an API itself. */
export function apiPackages(root: string): ApiPackage[] | undefined {
  const realRoot = realpathSync(root);
  const workspace = findWorkspace(realRoot);
  if (!workspace.isMonorepo || workspace.root !== realRoot || frameworkOf(realRoot) !== undefined)
    return undefined;
  return workspace.packages().flatMap(({ folder }) => {
    const framework = folder === realRoot ? undefined : frameworkOf(folder);
    return framework === undefined
      ? []
      : [{ folder: relative(realRoot, folder).split(sep).join('/'), framework }];
  });
}

/** What is for development only says nothing of what a package is. */
function frameworkOf(folder: string): string | undefined {
  return frameworksIn({ ...manifestOf(folder), devDependencies: undefined })[0]?.title;
}

/** A package.json that is missing or broken is for the command in that package to report. */
function manifestOf(folder: string): DependencyGroups {
  try {
    return readPackage(folder).manifest;
  } catch (error) {
    if (error instanceof EvtgenError) return {};
    throw error;
  }
}
