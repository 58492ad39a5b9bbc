import type { ts } from '../scan/project.ts';
import type { RouteGraph } from '../scan/route-graph.ts';
import type { Reason } from '../scan/unresolved.ts';
import type {
  ClassValue,
  ExternalValue,
  FunctionValue,
  RouterValue,
  Scope,
  Site,
  Value,
} from '../scan/values.ts';

/** What the scanner has to know about a web framework. Each is one file, listed in `index.ts`. */
export interface Framework {
  readonly id: string;
  readonly title: string;
  /** Packages whose import is a sign of routing with this framework. */
  readonly packages: readonly string[];
  /** Types of parameters through which a router is handed around, as the packages export them. */
  readonly routerTypes: readonly string[];
  /** Files to follow before all others, since they decide where the others register. */
  isEntry?(file: string): boolean;
  /** Files with this text are made by the framework's own tools from what is found elsewhere. */
  readonly generated?: RegExp;
  /** Answers a call in place of what the project has there, such as a function of a generated file. */
  intercept?(target: Value, args: readonly Value[], call: ts.Node, routing: Routing): Value | undefined;
  /** The router made by calling or constructing a value of the packages; undefined for all else. */
  create?(reference: ExternalValue, args: readonly Value[], site: Site, routing: Routing): Value | undefined;
  /** A router that arrives from code we cannot see. */
  detached?(site: Site, routing: Routing): RouterValue;
  /** A member of a router, usually a native function that registers; undefined for all else. */
  member?(router: RouterValue, name: string, routing: Routing): Value | undefined;
  /** Adds the routes that no call registers: those of decorators and of file names. Called once, at the end. */
  complete?(routing: Routing): void;
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
  unresolved(site: Site, reason: Reason): void;
  /** Absolute paths of the project's source files, sorted. */
  readonly files: readonly string[];
  text(file: string): string;
  parse(file: string): ts.SourceFile;
  /** Whether the package.json next above a file names a package. */
  dependsOn(file: string, packageName: string): boolean;
  /** The folder of that package.json. */
  packageFolder(file: string): string;
  siteOf(node: ts.Node): Site;
  /** What a file exports, as `import *` sees it. */
  load(file: string): Value;
  /** ES exports of a file, with the place where each is declared or listed. */
  exportsOf(file: string): readonly ExportedValue[];
  call(target: Value, args: readonly Value[], site: Site): Value;
  evaluate(expression: ts.Expression, scope: Scope): Value;
  /** Classes that were met, in that order. */
  readonly classes: readonly ClassValue[];
}

export interface ExportedValue {
  readonly name: string;
  readonly value: Value;
  readonly site: Site;
}
