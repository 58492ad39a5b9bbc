import type { Routing } from '../frameworks/framework.ts';
import { reportUnresolved, type Run } from './run.ts';

/** The part of a run that frameworks see. */
export function routingOf(run: Run): Routing {
  return {
    graph: run.graph,
    unresolved: (site, reason) => reportUnresolved(run, site.node, reason),
  };
}
