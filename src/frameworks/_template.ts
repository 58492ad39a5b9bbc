// <link to the page of the framework's documentation that describes routes>
// To add a framework: copy this file, fill it in, list the object in index.ts, add a fixture and its test.
import type { RouterNode } from '../scan/route-graph.ts';
import { memberPath, native, textParts, UNDEFINED, type RouterValue, type Site } from '../scan/values.ts';
import { pathFromParts } from '../scan/paths.ts';
import type { Framework, Routing } from './framework.ts';

const packages = ['example-framework'];

const example: Framework = {
  id: 'example',
  title: 'Example',
  packages,
  routerTypes: ['ExampleRouter'],
  create(reference, _args, site, routing) {
    return memberPath(reference).at(-1) === 'createApp' ? routerValue(site, routing, true) : undefined;
  },
  detached: (site, routing) => routerValue(site, routing, false),
  member({ router }, name) {
    if (name !== 'post') return undefined;
    return native(([path = UNDEFINED, ...handlers], site) => {
      router.routes.push({ method: 'POST', path: pathFromParts(textParts(path)), site, handlers });
      return UNDEFINED;
    });
  },
  handlers: {
    responses: () => [],
    isRequestBody: () => false,
    isHandler: () => true,
  },
};

export default example;

function routerValue(site: Site, routing: Routing, isRoot: boolean): RouterValue {
  const router: RouterNode = { framework: example.id, isRoot, site, mounts: [], routes: [] };
  return { kind: 'router', router: routing.graph.add(router), properties: new Map() };
}
