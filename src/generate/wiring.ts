import { loadCatalog } from '../catalog/load.ts';
import { ormsOf } from '../codemod/orms/index.ts';
import { openProgram, type Program } from '../codemod/program.ts';
import type { FunctionWithBody } from '../codemod/syntax.ts';
import { handlerOf } from '../codemod/task.ts';
import { programOf } from '../codemod/wire.ts';
import { readWiringStates, type WiringStates } from '../codemod/wiring-state.ts';
import { loadConfig } from '../config/load.ts';
import { outputFolder } from './output-folder.ts';
import { openScan } from '../scan/scan.ts';
import { readManifest } from './manifest.ts';
import { readPackage } from './package.ts';
import { projectStore, readProject } from './project.ts';
import { wiringInput } from './wire.ts';

/** A project's code with what its routes run. */
export interface ProjectCode {
  readonly program: Program;
  readonly handlers: readonly FunctionWithBody[];
  /** Null where nothing was generated yet. */
  readonly wiring: WiringStates | null;
}

/**
 * Which mutations of a project emit their events, and where; null where nothing was generated yet.
 * @throws EvtgenError where there is no catalog, a broken one, or a project that `generate` does not support.
 */
export function projectWiring(root: string): WiringStates | null {
  const config = loadConfig(root);
  const isGenerated = readManifest(root, outputFolder(root, config)).size > 0;
  return isGenerated ? readProjectCode(root).wiring : null;
}

/** @throws EvtgenError as `projectWiring` does. */
export function readProjectCode(root: string): ProjectCode {
  const config = loadConfig(root);
  const output = outputFolder(root, config);
  const manifest = readManifest(root, output);
  const scan = openScan(root, { ...config.scan, payloads: false });
  const handlersIn = (program: Program): FunctionWithBody[] =>
    scan.report.mutations.flatMap((mutation) => handlerOf(program, mutation) ?? []);
  if (manifest.size === 0) {
    const store = projectStore(config, readPackage(root)).id;
    const program = openProgram(scan.project, output, ormsOf(store), scan.tracing);
    return { program, handlers: handlersIn(program), wiring: null };
  }
  const isOwn = (path: string): boolean => manifest.has(path) || path.startsWith(`${output}/`);
  const facts = readProject(root, config, output, isOwn);
  const input = wiringInput(facts, loadCatalog(root), scan);
  const program = programOf(input);
  return { program, handlers: handlersIn(program), wiring: readWiringStates(input, program) };
}
