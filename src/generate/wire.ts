import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireCommitted } from '../codemod/committed.ts';
import { mountRouter } from '../codemod/mount.ts';
import { planWiring, type FileInsertion, type WiringInput } from '../codemod/wire.ts';
import type { LoadedCatalog } from '../catalog/load.ts';
import type { Config } from '../config/load.ts';
import { openProject } from '../scan/project.ts';
import type { Mutation } from '../scan/report.ts';
import { scanProject } from '../scan/scan.ts';
import type { Change } from './change.ts';
import { moduleSpecifier } from './dialect.ts';
import type { ProjectFacts } from './project.ts';

/** An emit call whose place is not certain, for a person to put where it belongs. */
export interface ByHand {
  readonly mutation: string;
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly snippet: string;
}

export interface WirePlan {
  readonly changes: readonly Change[];
  readonly byHand: readonly ByHand[];
  /** The emitted router is mounted, now or before. */
  readonly isMounted: boolean;
}

/**
 * Plans the emit calls of the catalog's mutations, and the line that mounts the emitted routes.
 * @throws EvtgenError `uncommitted_changes` when a file to be edited has some and `allowDirty` is not set.
 */
export async function planWire(
  facts: ProjectFacts,
  config: Config,
  loaded: LoadedCatalog,
  routeFile: string,
  allowDirty: boolean,
): Promise<WirePlan> {
  const mount = planMount(facts, routeFile);
  const { mutations } = scanProject(facts.root, config.scan);
  const { changes, wirings } = planWiring({ ...wiringInput(facts, loaded, mutations), beside: mount });
  if (!allowDirty)
    await requireCommitted(
      facts.root,
      changes.map(({ path }) => path),
    );
  const byHand = wirings
    .filter(({ outcome }) => outcome === 'by_hand')
    .map(({ mutation, file, line, reason, snippet }) => ({ mutation, file, line, reason, snippet }));
  return { changes, byHand, isMounted: facts.isMounted || mount.length > 0 };
}

/** What wiring has to know of a project. */
export function wiringInput(
  { root, output, dialect }: ProjectFacts,
  { catalog, schemas }: LoadedCatalog,
  mutations: readonly Mutation[],
): Omit<WiringInput, 'beside'> {
  return {
    project: openProject(root),
    mutations,
    catalog,
    schemaOf: (eventType) => schemas.get(`${eventType}.v${catalog.eventTypes[eventType]?.version}`) ?? null,
    output,
    specifierEnding: dialect.specifierEnding,
  };
}

function planMount(
  { root, dialect, isMounted, mountPlace }: ProjectFacts,
  routeFile: string,
): FileInsertion[] {
  if (isMounted || mountPlace === undefined) return [];
  const { file, line, app, method } = mountPlace;
  const specifier = moduleSpecifier(dialect, file, routeFile);
  const text = readFileSync(join(root, file), 'utf8').replace(/^\uFEFF/, '');
  return (mountRouter(file, text, { line, app, method, specifier }) ?? []).map((insertion) => ({
    file,
    ...insertion,
  }));
}
