import { loadCatalog } from '../catalog/load.ts';
import { readWiringStates, type WiringStates } from '../codemod/wiring-state.ts';
import { loadConfig } from '../config/load.ts';
import { outputFolder } from '../config/output-folder.ts';
import { openScan } from '../scan/scan.ts';
import { readManifest } from './manifest.ts';
import { readProject } from './project.ts';
import { wiringInput } from './wire.ts';

/**
 * Which mutations of a project emit their events, and where; null where nothing was generated yet.
 * @throws EvtgenError where there is no catalog, a broken one, or a project that `generate` does not support.
 */
export function projectWiring(root: string): WiringStates | null {
  const config = loadConfig(root);
  const output = outputFolder(root, config);
  const manifest = readManifest(root, output);
  if (manifest.size === 0) return null;
  const isOwn = (path: string): boolean => manifest.has(path) || path.startsWith(`${output}/`);
  const facts = readProject(root, config, output, isOwn);
  return readWiringStates(
    wiringInput(facts, loadCatalog(root), openScan(root, { ...config.scan, payloads: false })),
  );
}
