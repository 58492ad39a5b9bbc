import type { HandlerShape } from '../frameworks/framework.ts';
import type { Project } from './project.ts';
import type { JsonSchema, Mutation } from './report.ts';
import type { FlatRoute } from './route-graph.ts';
import type { FunctionValue } from './values.ts';

export interface RouteHandler {
  readonly route: FlatRoute;
  readonly handler: FunctionValue | null;
  readonly shape: HandlerShape | undefined;
}

export interface Payload {
  readonly schema: JsonSchema | null;
  readonly source: Mutation['payloadSource'];
  readonly sensitive: readonly string[];
}

export const NO_PAYLOAD: Payload = { schema: null, source: 'none', sensitive: [] };

export function payloadsOf(_project: Project, routes: readonly RouteHandler[]): Payload[] {
  return routes.map(() => NO_PAYLOAD);
}
