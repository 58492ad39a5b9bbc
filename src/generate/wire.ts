import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireCommitted } from '../codemod/committed.ts';
import { mountRouter } from '../codemod/mount.ts';
import { planWiring, type FileSplice } from '../codemod/wire.ts';
import type { LoadedCatalog } from '../catalog/load.ts';
import type { Config } from '../config/load.ts';
import { findRootModule } from '../codemod/nest-module.ts';
import type { Project } from '../scan/project.ts';
import { openScan } from '../scan/scan.ts';
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
  { catalog, schemas }: LoadedCatalog,
  routeFile: string,
  allowDirty: boolean,
  isAll: boolean,
): Promise<WirePlan> {
  const { project, report, tracing } = openScan(facts.root, config.scan);
  const mount = planMount(facts, project, routeFile);
  const { changes, wirings } = planWiring({
    project,
    tracing,
    mutations: report.mutations,
    catalog,
    schemaOf: (eventType) => schemas.get(`${eventType}.v${catalog.eventTypes[eventType]?.version}`) ?? null,
    output: facts.output,
    specifierEnding: facts.dialect.specifierEnding,
    store: facts.store.id,
    isInjected: facts.framework.id === 'nest',
    isAll,
    beside: mount,
  });
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

function planMount(facts: ProjectFacts, project: Project, routeFile: string): FileSplice[] {
  const { root, dialect, isMounted, mountPlace, framework } = facts;
  if (isMounted) return [];
  if (framework.id === 'nest') {
    const module = findRootModule(project);
    if (module === null) return [];
    const specifier = moduleSpecifier(dialect, module.file, routeFile);
    return module.splices(specifier).map((splice) => ({ file: module.file, ...splice }));
  }
  if (mountPlace === undefined) return [];
  const { file, line, app, method } = mountPlace;
  const specifier = moduleSpecifier(dialect, file, routeFile);
  const text = readFileSync(join(root, file), 'utf8').replace(/^\uFEFF/, '');
  return (mountRouter(file, text, { line, app, method, specifier }) ?? []).map((insertion) => ({
    file,
    ...insertion,
  }));
}
