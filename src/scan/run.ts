import type { Framework } from '../frameworks/framework.ts';
import type { Project, ts } from './project.ts';
import type { Unresolved } from './report.ts';
import type { RouteGraph } from './route-graph.ts';
import { unresolvedAt, type Reason } from './unresolved.ts';
import type { ClassValue, ObjectValue, Scope, Site, Value } from './values.ts';

/** One walk over a project's registration code: what it may cost, where it has been, what it found. */
export interface Run {
  readonly project: Project;
  readonly frameworks: readonly Framework[];
  readonly graph: RouteGraph;
  readonly modules: Map<string, Module>;
  /** Files that are followed as a whole; of others only what is asked for. */
  readonly signed: Set<string>;
  /** Functions and classes whose bodies were followed. */
  readonly followed: Set<ts.Node>;
  /** Classes that were met, in that order. */
  readonly classes: ClassValue[];
  /** Calls that were evaluated, with what was called. */
  readonly targets: Map<ts.Node, Value['kind']>;
  readonly unresolved: Unresolved[];
  /** Expressions left to evaluate; at zero every further value is unknown. */
  stepsLeft: number;
  /** Expressions kept for later by `withFewSteps`. */
  stepsSetAside: number;
  /** Expressions evaluated in each function so far, by its node, without those of the functions it calls. */
  readonly costs: Map<ts.Node, { readonly steps: number; readonly calls: number }>;
  /** Functions being followed, innermost last. */
  readonly stack: ts.Node[];
  /** Expressions evaluated by the functions and modules that the current function set going. */
  nestedSteps: number;
  /** The run is to explain itself: values keep where they were written, and sites how they were reached. */
  readonly keepsOrigins: boolean;
  /** The call that each function of `stack` was followed from. */
  readonly calledFrom: (ts.Node | null)[];
  /** How many functions of `stack` belong to whatever imported the current module. */
  outerDepth: number;
  /** Depth of branches whose condition only the running program knows. */
  undecided: number;
  /** Depth of `try` blocks whose `catch` lets the code after them go on. */
  attempts: number;
  /** What the project puts on `global`. */
  readonly globals: Map<string, Value>;
  /** What files export is being read: callbacks given to code we cannot see have no say in it. */
  isReadingExports: boolean;
  /** Schemas of a package are being read: what makes them is called for each, as often as it takes. */
  isReadingSchemas: boolean;
}

export interface Module {
  readonly file: string;
  readonly source: ts.SourceFile;
  readonly scope: Scope;
  /** `module`, whose property `exports` CommonJS code may replace. */
  readonly moduleObject: ObjectValue;
  /** ES exports, read when first used. */
  readonly exports: Map<string, () => Value>;
  /** `export * from`, in order. */
  readonly reexported: string[];
  /** Follow what is left until someone asks for it. */
  readonly deferred: (() => void)[];
  /** Someone required it while it was running. */
  isReadEarly: boolean;
  state: 'new' | 'running' | 'done';
}

const MAX_STEPS = 3_000_000;
/** Spent on one function in all its calls; see `isTooCostly`. */
export const MAX_FUNCTION_STEPS = 20_000;
/** A call of this many steps does work; what makes a path, wraps a handler or describes a route is shorter. */
export const LONG_FUNCTION_STEPS = 200;
/** Spent on one function whose calls are long. */
export const MAX_LONG_FUNCTION_STEPS = 4_000;
/** How much more is spent on a function that registers. */
export const REGISTERING_FUNCTION_SHARE = 20;
export const MAX_CALL_DEPTH = 40;
/** How often one function may be on the stack: recursion over a static tree is followed this deep. */
export const MAX_RECURSION = 4;
export const MAX_LOOP_TURNS = 500;

export function createRun(
  project: Project,
  frameworks: readonly Framework[],
  graph: RouteGraph,
  keepsOrigins = false,
): Run {
  return {
    project,
    frameworks,
    graph,
    modules: new Map(),
    signed: new Set(),
    followed: new Set(),
    classes: [],
    targets: new Map(),
    unresolved: [],
    stepsLeft: MAX_STEPS,
    stepsSetAside: 0,
    costs: new Map(),
    stack: [],
    nestedSteps: 0,
    keepsOrigins,
    calledFrom: [],
    outerDepth: 0,
    undecided: 0,
    attempts: 0,
    globals: new Map(),
    isReadingExports: false,
    isReadingSchemas: false,
  };
}

/** Counts the expressions that an action evaluates, apart from those of what it sets going in its turn. */
export function countSteps<T>(run: Run, action: () => T): { result: T; ownSteps: number } {
  const outerNested = run.nestedSteps;
  const before = run.stepsLeft;
  run.nestedSteps = 0;
  const result = action();
  const steps = before - run.stepsLeft;
  const ownSteps = steps - run.nestedSteps;
  run.nestedSteps = outerNested + steps;
  return { result, ownSteps };
}

/** Follows what is unlikely to register anything, so that it cannot use up what the rest needs. */
export function withFewSteps(run: Run, limit: number, action: () => void): void {
  const outerSetAside = run.stepsSetAside;
  const setAside = Math.max(run.stepsLeft - limit, 0);
  run.stepsLeft -= setAside;
  run.stepsSetAside += setAside;
  action();
  run.stepsLeft += setAside;
  run.stepsSetAside = outerSetAside;
}

/** What is met for the first time while few steps are left, but is of use to others too. */
export function withAllSteps<T>(run: Run, action: () => T): T {
  const setAside = run.stepsSetAside;
  run.stepsLeft += setAside;
  run.stepsSetAside = 0;
  const result = action();
  run.stepsLeft -= setAside;
  run.stepsSetAside = setAside;
  return result;
}

/** The place of a call, with the calls that led to it where the run keeps them. */
export function siteOfCall(run: Run, node: ts.Node): Site {
  const site = run.project.siteOf(node);
  if (!run.keepsOrigins) return site;
  const via = run.stack
    .map((followed, depth) => ({ node: followed, call: run.calledFrom[depth] ?? null }))
    .slice(run.outerDepth);
  return { ...site, via };
}

export function reportUnresolved(run: Run, node: ts.Node, reason: Reason): void {
  const { file, line } = run.project.siteOf(node);
  const found = unresolvedAt(file, line, reason);
  const isKnown = run.unresolved.some(
    (item) => item.file === file && item.line === line && item.reason === found.reason,
  );
  if (!isKnown) run.unresolved.push(found);
}

/** Of a loop that registers what an object holds, of which the sources do not say all. */
export function reportOpenLoop(run: Run, node: ts.Node): void {
  reportUnresolved(run, node, 'dynamic_route: what else the object may have');
}
