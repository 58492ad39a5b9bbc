import type { Emission } from './emission.ts';
import type { Manifest } from './manifest.ts';
import type { WantedFile } from './plan.ts';
import type { ProjectFacts } from './project.ts';

const MODULE_TEMPLATE = 'routes/module.hbs';

/** What answers over HTTP, in the way of the project's framework. */
export function routeFiles(
  { framework, outerPath }: ProjectFacts,
  paths: readonly string[],
  { render }: Emission,
): WantedFile[] {
  const { files, mount } = framework;
  const template = files.kind === 'module' ? MODULE_TEMPLATE : files.template;
  const data = { ...files, statement: mount?.statement, outerPath: outerPath === '' ? undefined : outerPath };
  return paths.map((path) => render('B', path, template, data));
}

/**
 * Where they lie. A module is left where it was before, else it is `webhooks.ts` unless that is the project's own.
 * @returns one or more; the first is the one that is mounted, where the framework has mounting.
 */
export function routePaths(facts: ProjectFacts, manifest: Manifest): readonly [string, ...string[]] {
  const { files } = facts.framework;
  if (files.kind === 'placed') {
    const inner = facts.basePath.slice(facts.outerPath.length);
    const folder = files.place === 'output' ? facts.output : `${facts.appFolder}${inner}`;
    const [first, ...rest] = files.paths;
    return [`${folder}/${first}`, ...rest.map((path) => `${folder}/${path}`)];
  }
  const known = [...manifest].find(([, { source }]) => source === `templates/${MODULE_TEMPLATE}`)?.[0];
  const names = ['webhooks', 'event-webhooks'].map((name) => `${facts.routesFolder}/${name}.ts`);
  return [known ?? names.find((path) => !facts.hasFile(path)) ?? `${facts.routesFolder}/evtgen.ts`];
}
