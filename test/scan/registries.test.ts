import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const routes = (sources: Readonly<Record<string, string>>): string[] => routesOf(scanSources(sources));

const router = (path: string): string => `
  import Router from '@koa/router';
  const router = new Router();
  router.post('${path}', async (ctx) => { ctx.body = {}; });
  export default router;
`;

describe('routers in collections', () => {
  it('are found in a registry of hooks that files of a glob fill', () => {
    const hooks = `
      import { globSync } from 'glob';
      import path from 'node:path';
      import { isArray, sortBy } from 'lodash';
      export class Hooks {
        static known = new Map();
        static isLoaded = false;
        static add(hooks) {
          if (isArray(hooks)) return hooks.forEach((hook) => this.keep(hook));
          this.keep(hooks);
        }
        static keep(hook) {
          if (!this.known.has(hook.type)) this.known.set(hook.type, []);
          this.known.get(hook.type).push({ ...hook, rank: hook.rank ?? 1 });
        }
        static of(type) {
          this.load();
          return sortBy(this.known.get(type) || [], 'rank');
        }
        static load() {
          if (this.isLoaded) return;
          globSync(path.join('build', 'add-ons/*/entry.[jt]s')).forEach((file) => {
            require(path.join(process.cwd(), file));
          });
          this.isLoaded = true;
        }
      }
    `;
    const found = routes({
      'hooks.ts': hooks,
      'add-ons/refunds/entry.ts': `
        import { Hooks } from '../../hooks';
        import router from './router';
        if (process.env.REFUNDS) Hooks.add({ type: 'api', value: router });
      `,
      'add-ons/refunds/router.ts': router('/refunds'),
      'add-ons/items/entry.ts': `
        import { Hooks } from '../../hooks';
        import router from './router';
        Hooks.add([{ type: 'api', value: router }, { type: 'task', value: null }]);
      `,
      'add-ons/items/router.ts': router('/items'),
      'main.ts': `
        import Koa from 'koa';
        import Router from '@koa/router';
        import { Hooks } from './hooks';
        const api = new Router({ prefix: '/api' });
        Hooks.of('api').forEach((hook) => api.use('/', hook.value.routes()));
        new Koa().use(api.routes());
      `,
    });
    expect(found).toEqual(['POST /api/items', 'POST /api/refunds']);
  });

  it.each([
    `for (const [path, part] of parts) app.use(path, part.routes());`,
    `parts.forEach((part, path) => app.use(path, part.routes()));`,
    `[...parts.keys()].forEach((path) => app.use(path, parts.get(path).routes()));`,
    `Array.from(parts.entries(), ([path, part]) => app.use(path, part.routes()));`,
    `new Set(parts).forEach(([path, part]) => app.use(path, part.routes()));`,
  ])('are found in a map: %s', (walk) => {
    const found = routes({
      'items.ts': router('/:id'),
      'main.ts': `
        import Koa from 'koa';
        import Router from '@koa/router';
        import items from './items';
        const app = new Router();
        const parts = new Map([['/items', items]]);
        parts.set('/goods', items);
        ${walk}
        new Koa().use(app.routes());
      `,
    });
    expect(found).toEqual(['POST /goods/:id', 'POST /items/:id']);
  });

  it('are not taken for known where a map has no such key', () => {
    const found = routes({
      'main.ts': `
        import Koa from 'koa';
        import Router from '@koa/router';
        const settings = new Map();
        const app = new Router();
        app.post(\`/\${settings.get('area')}/items\`, (ctx) => { ctx.body = {}; });
        new Koa().use(app.routes());
      `,
    });
    expect(found).toEqual(['POST /{undefined}/items (partial)']);
  });
});

describe('files of a glob', () => {
  it.each([
    `glob.sync('./routes/**/*.router.js')`,
    `glob.sync('routes/*/!(draft).router.+(js|ts)')`,
    `glob.sync('**/*.router.{js,ts}', { ignore: '**/draft.*' })`,
    `glob.sync(['routes/**/*.router.ts', '!routes/**/draft.*'])`,
    `glob.sync('*/*.router.ts', { cwd: path.join(__dirname, 'routes'), absolute: true, ignore: ['*/draft.*'] })`,
  ])('are those of the sources: %s', (call) => {
    const found = routes({
      'routes/a/items.router.ts': router('/items'),
      ...(call.includes('draft') ? { 'routes/a/draft.router.ts': router('/drafts') } : {}),
      'routes/a/other.ts': router('/others'),
      'main.ts': `
        import Koa from 'koa';
        import glob from 'fast-glob';
        import path from 'path';
        const app = new Koa();
        for (const file of ${call}) app.use(require(path.resolve(file)).default.routes());
      `,
    });
    expect(found.filter((route) => !route.endsWith('(partial)'))).toEqual(['POST /items']);
  });
});
