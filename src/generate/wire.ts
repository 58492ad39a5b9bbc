import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireCommitted } from '../codemod/committed.ts';
import { testsWithoutTransaction } from '../codemod/mocked-clients.ts';
import { mountRouter } from '../codemod/mount.ts';
import type { Program } from '../codemod/program.ts';
import { testsWithoutEmitter } from '../codemod/test-modules.ts';
import type { Orphan } from '../codemod/unwire.ts';
import {
  changesOf,
  planWiring,
  programOf,
  type FileSplice,
  type Wiring,
  type WiringInput,
  type WiringPlan,
} from '../codemod/wire.ts';
import type { LoadedCatalog } from '../catalog/load.ts';
import type { Config } from '../config/load.ts';
import { findRootModule } from '../codemod/nest-module.ts';
import type { Project } from '../scan/project.ts';
import { openScan, type OpenScan } from '../scan/scan.ts';
import { isWrite, type Change } from './change.ts';
import { moduleSpecifier } from './dialect.ts';
import { otherDatabase } from './detect-database.ts';
import type { WantedFile } from './plan.ts';
import type { ProjectFacts } from './project.ts';
import { createTypeCheck, type PlannedFile } from './type-errors.ts';

/** What `--wire` was told beyond itself. */
export interface WireOptions {
  readonly allowDirty: boolean;
  /** Wire handlers too whose writes are not atomic today. */
  readonly isAll: boolean;
  /** Take calls away whose event the catalog no longer has. */
  readonly isUnwiring: boolean;
}

/** A call that is put into a handler, and why there. */
export interface WiredCall {
  readonly mutation: string;
  readonly outcome: 'joined' | 'wrapped' | 'not_atomic';
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** An emit call whose place is not certain, for a person to put where it belongs. */
export interface ByHand {
  readonly mutation: string;
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly snippet: string;
}

/** What `--wire=all` would do to a handler whose writes are not atomic today. */
export interface NotAtomic {
  readonly mutation: string;
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  readonly change: Change;
}

export interface WirePlan {
  readonly changes: readonly Change[];
  readonly wired: readonly WiredCall[];
  readonly byHand: readonly ByHand[];
  readonly notAtomic: readonly NotAtomic[];
  readonly orphans: readonly Pick<Orphan, 'eventType' | 'file' | 'line'>[];
  /** By file, the others whose edits its own edit calls for. */
  readonly needed: ReadonlyMap<string, ReadonlySet<string>>;
  /** The emitted router is mounted, now or before. */
  readonly isMounted: boolean;
  /** Tests that have to provide the emitter from now on, as classes that they provide have it injected. */
  readonly testsWithoutEmitter: readonly string[];
  /** Tests with a client of their own that opens none of the transactions that edits have opened. */
  readonly testsWithoutTransaction: readonly string[];
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
  written: readonly Pick<WantedFile, 'path' | 'content'>[],
  { allowDirty, isAll, isUnwiring }: WireOptions,
): Promise<WirePlan> {
  const scan = openScan(facts.root, config.scan);
  const { project } = scan;
  const mount = planMount(facts, project, routeFile);
  const input = { ...wiringInput(facts, loaded, scan), isAll, isUnwiring, beside: mount };
  const program = programOf(input);
  const { changes, wirings, orphans } = planCompiling(input, program, written);
  if (!allowDirty)
    await requireCommitted(
      facts.root,
      changes.map(({ path }) => path),
    );
  const isOpening = wirings.some(
    ({ outcome }) => outcome === 'wrapped' || (outcome === 'not_atomic' && isAll),
  );
  return {
    changes,
    wired: wirings.flatMap(({ mutation, outcome, file, line, reason }) => {
      const isDone = outcome === 'joined' || outcome === 'wrapped' || (outcome === 'not_atomic' && isAll);
      return isDone ? [{ mutation, outcome, file, line, reason }] : [];
    }),
    byHand: wirings
      .filter(({ outcome }) => outcome === 'by_hand')
      .map(({ mutation, file, line, reason, snippet }) => ({ mutation, file, line, reason, snippet })),
    notAtomic: wirings
      .filter(({ outcome }) => outcome === 'not_atomic' && !isAll)
      .flatMap(({ mutation, file, line, reason, edits }) => {
        const [change] = changesOf(project, new Map([[file, edits]]));
        return change === undefined ? [] : [{ mutation, file, line, reason, change }];
      }),
    orphans: isUnwiring ? [] : orphans.map(({ eventType, file, line }) => ({ eventType, file, line })),
    needed: neededBy(wirings),
    isMounted: facts.isMounted || mount.length > 0,
    testsWithoutEmitter: testsWithoutEmitter(
      program,
      wirings.flatMap(({ edits }) => edits),
    ),
    testsWithoutTransaction: isOpening ? testsWithoutTransaction(program, facts.store.id) : [],
  };
}

function neededBy(wirings: readonly Wiring[]): Map<string, Set<string>> {
  const needed = new Map<string, Set<string>>();
  for (const { file, edits } of wirings) {
    const others = edits.map((edit) => edit.file).filter((path) => path !== file);
    if (others.length > 0) needed.set(file, new Set([...(needed.get(file) ?? []), ...others]));
  }
  return needed;
}

function foreignDatabase({ databaseServer, otherDialect }: ProjectFacts): string | undefined {
  const other = otherDatabase(databaseServer);
  if (other !== undefined) return `the project's database is ${other}, and the events are in PostgreSQL`;
  return otherDialect === undefined
    ? undefined
    : `the project's database may be ${otherDialect.name} as well (${otherDialect.from}), and the events are in PostgreSQL`;
}

const MAX_PLANS = 3;

/** The plan whose edits compile as the files did before: what would add an error is left to a person, with the error. */
function planCompiling(input: WiringInput, program: Program, written: readonly PlannedFile[]): WiringPlan {
  const augmenting = program.sources
    .filter(({ text }) => /\bdeclare\s+(?:module\s+['"]|global\b)/.test(text))
    .map(({ fileName }) => fileName);
  const check = createTypeCheck(input.project.root, written, augmenting);
  const refused = new Map<string, string>();
  let plan = planWiring(input, program);
  if (check === null) return plan;
  for (let plans = 1; isEditing(plan); plans += 1) {
    const errors = check(
      plan.changes.map(({ path, before, after }) => ({ path, before: before ?? '', content: after ?? '' })),
    );
    if (errors.length === 0) break;
    for (const { path, position, message } of errors) {
      // The last time nothing is tried any more: no edit stays in a file with errors.
      const culprits = plans === MAX_PLANS ? [] : wiringsAt(plan, path, position);
      for (const { mutation } of culprits.length > 0 ? culprits : wiringsIn(plan, path)) {
        refused.set(mutation, refused.get(mutation) ?? `the edit would not compile: ${message}`);
      }
    }
    plan = planWiring({ ...input, refused }, program);
    if (plans === MAX_PLANS) break;
  }
  return plan;
}

function isEditing({ wirings }: WiringPlan): boolean {
  return wirings.some(({ edits }) => edits.length > 0);
}

function wiringsIn({ wirings }: WiringPlan, path: string): Wiring[] {
  return wirings.filter(({ edits }) => edits.some(({ file }) => file === path));
}

/** The wirings whose edits reach over a position of the edited text. */
function wiringsAt(plan: WiringPlan, path: string, position: number): Wiring[] {
  const own = wiringsIn(plan, path);
  const splices = own
    .flatMap((wiring) => wiring.edits.map((edit) => ({ wiring, edit })))
    .filter(({ edit }) => edit.file === path)
    .sort((a, b) => a.edit.position - b.edit.position);
  const reaches = new Map<Wiring, { start: number; end: number }>();
  let shift = 0;
  for (const { wiring, edit } of splices) {
    const start = edit.position + shift;
    const end = start + edit.text.length;
    shift += edit.text.length - (edit.removed ?? 0);
    // Imports stand apart from what they are for.
    if (/^\s*(?:import\b|(?:const|var) \{[^}]*\} = require\()/.test(edit.text)) continue;
    const known = reaches.get(wiring);
    reaches.set(wiring, {
      start: Math.min(known?.start ?? start, start),
      end: Math.max(known?.end ?? end, end),
    });
  }
  return own.filter((wiring) => {
    const reach = reaches.get(wiring);
    return reach !== undefined && reach.start <= position && position <= reach.end;
  });
}

/** What finding the emit calls of a project takes. */
export function wiringInput(
  facts: ProjectFacts,
  { catalog, schemas }: LoadedCatalog,
  { project, report, tracing }: OpenScan,
): Omit<WiringInput, 'isAll' | 'isUnwiring' | 'beside'> {
  return {
    project,
    foreign: foreignDatabase(facts),
    tracing,
    mutations: report.mutations,
    catalog,
    schemaOf: (eventType) => schemas.get(`${eventType}.v${catalog.eventTypes[eventType]?.version}`) ?? null,
    output: facts.output,
    specifierEnding: facts.dialect.specifierEnding,
    store: facts.store.id,
    isInjected: facts.framework.id === 'nest',
  };
}

/** The plan as it is once some of its files were skipped. */
export function without(plan: WirePlan, changes: readonly Change[]): WirePlan {
  const edited = new Set(changes.filter(isWrite).map(({ path }) => path));
  return { ...plan, wired: plan.wired.filter(({ file }) => edited.has(file)) };
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
