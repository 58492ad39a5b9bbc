import { installedVersion } from '../scan/package-version.ts';
import type { ProjectFacts } from './project.ts';

/** What somebody has to know who wires a project whose dependencies are not there: writes are told by their types. */
export function untypedStoreWarning({
  root,
  store,
  dependencies,
}: Pick<ProjectFacts, 'root' | 'store' | 'dependencies'>): string | undefined {
  const declared = store.packages.filter((name) => dependencies.has(name));
  if (declared.length === 0 || declared.some((name) => installedVersion(root, name) !== undefined))
    return undefined;
  const [name] = declared;
  return `${name} is not in node_modules, so most of its writes are not recognised: install the dependencies, then wire`;
}
