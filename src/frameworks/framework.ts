import type { ts } from '../scan/project.ts';
import type { RouteGraph } from '../scan/route-graph.ts';
import type { ExternalValue, FunctionValue, RouterValue, Site, Value } from '../scan/values.ts';

/** What the scanner has to know about a web framework. Each is one file, listed in `index.ts`. */
export interface Framework {
  readonly id: string;
  readonly title: string;
  /** Packages whose import is a sign of routing with this framework. */
  readonly packages: readonly string[];
  /** Types of parameters through which a router is handed around, as the packages export them. */
  readonly routerTypes: readonly string[];
  /** The router made by calling or constructing a value of the packages; undefined for all else. */
  create(reference: ExternalValue, args: readonly Value[], site: Site, routing: Routing): Value | undefined;
  /** A router that arrives from code we cannot see. */
  detached(site: Site, routing: Routing): RouterValue;
  /** A member of a router, usually a native function that registers; undefined for all else. */
  member(router: RouterValue, name: string, routing: Routing): Value | undefined;
  readonly handlers: HandlerShape;
}

/** How handlers of a framework read requests and send responses. */
export interface HandlerShape {
  /** What one handler sends on success, most telling first. */
  responses(handler: ts.FunctionLikeDeclaration): readonly ts.Expression[];
  /** True for the expression that is the parsed request body. */
  isRequestBody(expression: ts.Expression, handler: ts.FunctionLikeDeclaration): boolean;
  /** True for functions that cannot be the handler, such as error middleware. */
  isHandler(candidate: FunctionValue): boolean;
}

/** What a framework may ask of the scanner while it reads registrations. */
export interface Routing {
  readonly graph: RouteGraph;
  unresolved(site: Site, reason: string): void;
}
