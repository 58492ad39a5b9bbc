import type { Config } from '../config/load.ts';
import { routeBindings, type RouteBinding } from '../routes/index.ts';
import { EvtgenError } from '../ui/errors.ts';

type Dependencies = Readonly<Record<string, string>> | undefined;

export interface DependencyGroups {
  readonly dependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
}

/**
 * The configured framework, else the first that the package depends on.
 * @throws EvtgenError `unsupported_framework`
 */
export function detectFramework(config: Config, manifest: DependencyGroups): RouteBinding {
  const configured = routeBindings.find(({ id }) => id === config.framework);
  if (configured !== undefined) return configured;
  const [found] = frameworksIn(manifest);
  if (found !== undefined) return found;
  const titles = routeBindings.map(({ title }) => title);
  const ids = routeBindings.map(({ id }) => `"${id}"`);
  throw new EvtgenError('unsupported_framework', 'package.json names no framework that evtgen writes for', {
    hint: `${listed(titles)} are supported; set "framework" in evtgen.config.json to ${listed(ids, 'or')}`,
  });
}

/** All that the package depends on, the one to be taken first. */
export function frameworksIn(manifest: DependencyGroups): RouteBinding[] {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = manifest;
  const groups = [{ ...optionalDependencies, ...peerDependencies, ...dependencies }, devDependencies];
  return groups.flatMap((names) =>
    routeBindings.filter((binding) => binding.package !== undefined && names?.[binding.package]),
  );
}

function listed(words: readonly string[], joint: 'and' | 'or' = 'and'): string {
  return `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`;
}
