import type { Config } from '../config/load.ts';
import { EvtgenError } from '../ui/errors.ts';
import { ownKernel, type KernelModules } from './kernel-modules.ts';
import { compareKernel, type ProjectKernel } from './project-kernel.ts';
import { loadProjectModules, withDefinitions } from './project-modules.ts';
import { loadRegistry, type LocalRegistry } from './registry.ts';

/** What runs. */
export interface LoadedKernel {
  readonly kernel: KernelModules;
  readonly registry: LocalRegistry;
  /** How the one stands to the other; undefined where nothing was generated. */
  readonly difference: ProjectKernel | undefined;
}

/**
 * The kernel of evtgen with the catalog of a project, or what was generated there.
 * @throws EvtgenError `nothing_generated`, `project_unusable`, and when the catalog or the manifest is broken
 */
export async function loadKernel(root: string, config: Config, isProject: boolean): Promise<LoadedKernel> {
  const difference = await compareKernel(root, config);
  const registry = await loadRegistry(root);
  if (!isProject) return { kernel: ownKernel, registry, difference };
  if (difference === undefined) {
    throw new EvtgenError('nothing_generated', '--project: nothing was generated here', {
      hint: 'run "evtgen generate" first, or serve without --project',
    });
  }
  const theirs = await loadProjectModules(root, difference.output);
  return { kernel: theirs.kernel, registry: withDefinitions(registry, theirs.registry), difference };
}
