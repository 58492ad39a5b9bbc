import type { Routing } from '../frameworks/framework.ts';
import { callValue } from './call.ts';
import { evaluate } from './evaluate.ts';
import { exportedValues, namespaceOf } from './modules.ts';
import { reportUnresolved, type Run } from './run.ts';

const known = new WeakMap<Run, Routing>();

/** The part of a run that frameworks see. */
export function routingOf(run: Run): Routing {
  const routing = known.get(run) ?? createRouting(run);
  known.set(run, routing);
  return routing;
}

function createRouting(run: Run): Routing {
  const { project } = run;
  return {
    graph: run.graph,
    classes: run.classes,
    files: project.files,
    unresolved: (site, reason) => reportUnresolved(run, site.node, reason),
    parse: (file) => project.parse(file),
    text: (file) => project.text(file),
    dependsOn: (file, name) => project.dependsOn(file, name),
    packageFolder: (file) => project.packageFolder(file),
    siteOf: (node) => project.siteOf(node),
    load: (file) => namespaceOf(run, file),
    exportsOf(file) {
      const { isReadingExports } = run;
      run.isReadingExports = true;
      const exported = exportedValues(run, file);
      run.isReadingExports = isReadingExports;
      return exported;
    },
    call: (target, args, site) => callValue(run, target, args, site.node),
    evaluate: (expression, scope) => evaluate(run, expression, scope),
  };
}
