import { requireCommitted } from '../codemod/committed.ts';
import { planWiring } from '../codemod/wire.ts';
import type { LoadedCatalog } from '../catalog/load.ts';
import type { Config } from '../config/load.ts';
import { openProject } from '../scan/project.ts';
import { scanProject } from '../scan/scan.ts';
import type { Change } from './change.ts';
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
}

/**
 * Plans the emit calls of the catalog's mutations.
 * @throws EvtgenError `uncommitted_changes` when a file to be edited has some and `allowDirty` is not set.
 */
export async function planWire(
  facts: ProjectFacts,
  config: Config,
  { catalog, schemas }: LoadedCatalog,
  allowDirty: boolean,
): Promise<WirePlan> {
  const { changes, wirings } = planWiring({
    project: openProject(facts.root),
    mutations: scanProject(facts.root, config.scan).mutations,
    catalog,
    schemaOf: (eventType) => schemas.get(`${eventType}.v${catalog.eventTypes[eventType]?.version}`) ?? null,
    output: facts.output,
    specifierEnding: facts.dialect.specifierEnding,
  });
  if (!allowDirty)
    await requireCommitted(
      facts.root,
      changes.map(({ path }) => path),
    );
  const byHand = wirings
    .filter(({ outcome }) => outcome === 'by_hand')
    .map(({ mutation, file, line, reason, snippet }) => ({ mutation, file, line, reason, snippet }));
  return { changes, byHand };
}
