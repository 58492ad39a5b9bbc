import { handlerName, wrappersOf } from './handlers.ts';
import type { NameEvidence } from './name-routes.ts';
import { explainPayload, type ExplainedPayload } from './payload-evidence.ts';
import { payloadsOf } from './payload.ts';
import { normalizePath } from './paths.ts';
import { createPlaceReader, declaredName, type Place, type PlaceReader } from './places.ts';
import { holesIn, stepsOf, type PathStep, type Prefixes } from './prefixes.ts';
import { ts } from './project.ts';
import type { Mutation } from './report.ts';
import { findRoutes, type FoundRoute } from './scan.ts';
import type { ScanPart } from './scan-packages.ts';
import { matchRoutes } from './match-routes.ts';
import type { FunctionValue } from './values.ts';

/** How the path, the name and the payload of one route were arrived at. */
export interface RouteExplanation {
  readonly method: Mutation['method'];
  readonly path: string;
  readonly framework: string;
  readonly partial: boolean;
  /** From the outermost mount to the registration. */
  readonly steps: readonly ExplainedStep[];
  /** Null where the function that runs could not be found. */
  readonly handler: ExplainedHandler | null;
  readonly kind: { readonly is: Mutation['kind']; readonly because: string };
  readonly event: NameEvidence & {
    readonly type: string | null;
    readonly confidence: Mutation['confidence'];
  };
  readonly payload: ExplainedPayload;
}

export interface ExplainedStep extends Place {
  /** `mount`, `route`, what a framework calls it, or `unmounted` where nothing that was followed mounts the router. */
  readonly what: string;
  readonly path: string;
  /** Functions of the project that were looked into to get here, outermost first. */
  readonly via: readonly FollowedFunction[];
  /** Where parts of the path are written, if not in the call itself. */
  readonly values: readonly WrittenValue[];
  /** Parts that only the running program knows. */
  readonly unknown: readonly string[];
  /** The key of `scan.prefixes` that said what was unknown. */
  readonly given: string | null;
}

export interface FollowedFunction extends Place {
  /** Null where its caller could not be seen. */
  readonly calledFrom: Place | null;
}

export interface WrittenValue extends Place {
  /** Of the constant, property or parameter that it is the value of. */
  readonly name: string | null;
}

export interface ExplainedHandler extends Place {
  readonly name: string | null;
  /** Functions that it was handed to where it is registered, outermost first. */
  readonly wrappers: readonly string[];
}

/**
 * Explains every route that a method and a path, in any spelling of its parameters, stand for.
 * @param parts the scanned folder, or the packages of the monorepo that it is.
 * @throws EvtgenError as `scanProject` does, and `unknown_route` with the nearest ones.
 */
export function explainRoutes(parts: readonly ScanPart[], method: string, path: string): RouteExplanation[] {
  const all = parts.flatMap((part) => {
    const { project, routes, inquiry } = findRoutes(part.root, part.options, true);
    return routes.map((found) => ({ ...found, project, part, inquiry }));
  });
  return matchRoutes(all, method, path).map(({ project, part, inquiry, ...found }) => {
    const [payload] = payloadsOf(project, [{ ...found, kind: found.name.kind }], inquiry);
    const places = createPlaceReader(project, part.path);
    return explain(places, found, payload, part.options.prefixes ?? {});
  });
}

function explain(
  places: PlaceReader,
  { route, handler, name }: FoundRoute,
  payload: Parameters<typeof explainPayload>[1],
  prefixes: Prefixes,
): RouteExplanation {
  const steps = stepsOf(route, prefixes);
  const last = steps.length - 1;
  return {
    method: route.method,
    path: route.path,
    framework: route.framework,
    partial: route.isPartial,
    steps: steps
      .filter((step, index) => index === last || isTelling(step))
      .map((step) => explainStep(places, step)),
    handler: handler === null ? null : explainHandler(places, handler, wrappersOf(route.handlers, handler)),
    kind: { is: name.kind, because: name.kindBecause },
    event: { type: name.eventType, confidence: name.confidence, ...name.evidence },
    payload: explainPayload(places, payload),
  };
}

/** A router in another without a path of its own says nothing, but for who could not be seen mounting it. */
function isTelling({ label, pattern, given }: PathStep): boolean {
  return label === 'unmounted' || given !== null || pattern.isPartial || /[^/]/.test(pattern.path);
}

function explainStep(places: PlaceReader, { label, pattern, site, given }: PathStep): ExplainedStep {
  const outside = (pattern.origins ?? []).filter((node) => !isWithin(node, site.node));
  return {
    what: label,
    path: pattern.path === '' ? '' : normalizePath(pattern.path, pattern.isPartial),
    ...places.at(site.node),
    via: (site.via ?? []).map(({ node, call }) => ({
      ...places.at(node),
      calledFrom: call === null ? null : places.at(call),
    })),
    values: outside.map((node) => ({ ...places.at(node), name: declaredName(node) })),
    unknown: holesIn(pattern),
    given,
  };
}

function isWithin(node: ts.Node, outer: ts.Node): boolean {
  const isSameFile = node.getSourceFile() === outer.getSourceFile();
  return isSameFile && node.pos >= outer.pos && node.end <= outer.end && !ts.isSourceFile(outer);
}

function explainHandler(
  places: PlaceReader,
  handler: FunctionValue,
  wrappers: readonly string[],
): ExplainedHandler {
  return { name: handlerName(handler), ...places.at(handler.node), wrappers };
}
