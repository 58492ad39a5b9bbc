import { loadCatalog } from '../catalog/load.ts';
import { readWiringStates, type WiringStates } from '../codemod/wiring-state.ts';
import { loadConfig } from '../config/load.ts';
import type { Mutation } from '../scan/report.ts';
import { readManifest } from './manifest.ts';
import { outputFolder, readProject } from './project.ts';
import { wiringInput } from './wire.ts';

/**
 * Which mutations of a project emit their events, and where; null where nothing was generated yet.
 * @param mutations as a scan of this folder found them.
 * @throws EvtgenError where there is no catalog, a broken one, or a project that `generate` does not support.
 */
export function projectWiring(root: string, mutations: readonly Mutation[]): WiringStates | null {
  const config = loadConfig(root);
  const output = outputFolder(root, config);
  const manifest = readManifest(root, output);
  if (manifest.size === 0) return null;
  const isOwn = (path: string): boolean => manifest.has(path) || path.startsWith(`${output}/`);
  const facts = readProject(root, config, output, isOwn);
  return readWiringStates(wiringInput(facts, loadCatalog(root), mutations));
}
