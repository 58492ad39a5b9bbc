import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const routes = (sources: Readonly<Record<string, string>>): string[] => routesOf(scanSources(sources));
const plugin = (path: string): string => `
  exports.plugin = {
    name: 'part',
    register(server) { server.route({ method: ['POST', 'GET'], path: '${path}', handler: () => ({}) }); },
  };
`;
const settled = 'routes: { prefix: { $filter: "env", $default: "/api", production: "/v1" } }';

describe('servers of hapi', () => {
  it('have the plugins that a manifest names by their files', () => {
    const found = routes({
      'config/manifest.js': `
        const Confidence = require('confidence');
        const store = new Confidence.Store({
          $meta: 'the manifest',
          register: { plugins: [
            '@hapi/inert',
            { plugin: './plugins/orders', ${settled} },
            { plugin: { $filter: 'env', $default: './plugins/items' } },
            './plugins/lost',
          ] },
        });
        exports.get = (key) => store.get(key, { env: process.env.NODE_ENV });
      `,
      'plugins/orders/index.js': plugin('/orders'),
      'plugins/items.js': plugin('/items'),
      'plugins/refunds.js': plugin('/refunds'),
      'start.js': `
        const Glue = require('@hapi/glue');
        const Manifest = require('./config/manifest');
        Glue.compose(Manifest.get('/'), { relativeTo: __dirname });
        Glue.compose({ registrations: [
          { plugin: { register: './plugins/refunds', options: {} }, options: { routes: { prefix: '/old' } } },
        ] });
      `,
    });
    expect(found).toEqual([
      'POST /api/orders',
      'POST /items',
      'POST /old/refunds',
      'start.js:4 dynamic_mount: ./plugins/lost',
    ]);
  });

  it('have the routes in the folder of a plugin that haute-couture composes', () => {
    const sources = {
      'lib/index.js': `
        const HauteCouture = require('@hapipal/haute-couture');
        exports.plugin = { name: 'shop', register: HauteCouture.composeWith() };
      `,
      'lib/routes/helpers/index.js': `
        const Toys = require('@hapipal/toys');
        const Hoek = require('@hapi/hoek');
        exports.withDefaults = Toys.withRouteDefaults({ method: 'post', options: { cors: true } });
        exports.merged = (route) => Hoek.applyToDefaults({ method: 'put' }, route);
      `,
      'lib/routes/orders/create.js': `
        const Helpers = require('../helpers');
        module.exports = Helpers.withDefaults({ path: '/orders', handler: () => ({}) });
      `,
      'lib/routes/orders/change.js': `
        const Helpers = require('../helpers');
        module.exports = Helpers.merged({ path: '/orders/{id}', options: () => ({ handler: () => ({}) }) });
      `,
      'lib/routes/refunds.js': `
        module.exports = (server, options) => [{ method: 'DELETE', path: '/refunds/{id*}', handler: () => ({}) }];
      `,
      'lib/plugins/stock.js': "module.exports = { plugin: require('../stock') };",
      'lib/stock.js': plugin('/stock'),
    };
    expect(routes(sources)).toEqual([
      'POST /orders (partial)',
      'PUT /orders/:id (partial)',
      'DELETE /refunds/* (partial)',
      'POST /stock (partial)',
    ]);
    const server = `
      const Hapi = require('@hapi/hapi');
      const server = Hapi.server();
      server.register({ plugin: require('./lib'), routes: { prefix: '/api' } });
    `;
    expect(routes({ ...sources, 'server.js': server })).toEqual([
      'POST /api/orders',
      'PUT /api/orders/:id',
      'DELETE /api/refunds/*',
      'POST /api/stock',
    ]);
  });

  it('are followed from whoever calls what calls them', () => {
    const found = routes({
      'setup.js': `
        const Hapi = require('@hapi/hapi');
        const createServer = async (modules) => {
          const server = new Hapi.Server();
          await server.register(modules);
          return server;
        };
        const initialize = async ({ modules }) => createServer(modules);
        module.exports = { initialize, createServer };
      `,
      'api.js': `
        const Setup = require('./setup');
        const Orders = require('./orders');
        module.exports = Setup.initialize({ modules: [Orders, process.env.METRICS && require('metrics')].filter(Boolean) });
      `,
      'orders.js': plugin('/orders'),
    });
    expect(found).toEqual(['POST /orders']);
  });

  it('may be made by a package of the company’s own, and are told by the form of their plugins', () => {
    const found = scanSources({
      'package.json': '{"dependencies":{"acme-engine":"1"}}',
      'src/server.js': `
        import BaseServer from 'acme-engine/base-server';
        import RouterPlugin from './router.plugin.js';
        export async function init() {
          const server = await BaseServer({});
          await server.register(RouterPlugin);
        }`,
      'src/router.plugin.js': `
        const routes = [{ method: 'POST', path: '/notices', options: { handler: submit } }];
        export default {
          name: 'router',
          register: (server, _options) => {
            const all = routes;
            server.route(all);
          },
        };
        function submit(request, h) { return h.redirect('/notices'); }`,
    });
    expect(routesOf(found)).toEqual(['POST /notices (partial)']);
    expect(found.frameworks).toEqual(['hapi']);
  });

  it('have routes of which a package may change the path as partial ones', () => {
    const found = routes({
      'server.js': `
        const Hapi = require('@hapi/hapi');
        const { onlyFinished } = require('shop-engine');
        const server = Hapi.server();
        server.route(onlyFinished([{ method: 'POST', path: '/orders', handler: () => ({}) }], 'production'));
        server.route(onlyFinished());
        server.connection({ port: 80 }).select('api').route({ method: 'PUT', path: '/late', handler: () => ({}) });
      `,
    });
    expect(found).toEqual(['PUT /late', 'POST /orders (partial)', 'server.js:6 dynamic_route: onlyFinished']);
  });

  it('take base paths from the defaults of convict', () => {
    const found = routes({
      'config.js': `
        const convict = require('convict');
        const conf = convict({
          publicUrl: { doc: 'where', format: 'url', default: 'http://localhost:3000/shop', env: 'PUBLIC_URL' },
          api: { version: { format: Number, default: 1 }, name: { format: String, default: undefined } },
        });
        conf.loadFile('local.json').validate();
        module.exports = { conf, all: conf.getProperties() };
      `,
      'routes.js': `
        const url = require('url');
        module.exports = (log, config) => {
          let base = url.parse(config.publicUrl).path;
          if (base === '/') base = '';
          const all = [].concat(require('./orders')(log));
          all.forEach((route) => { route.path = \`\${base}/v\${config.api.version}\${route.path}\`; });
          return all;
        };
      `,
      'orders.js': `
        module.exports = (log) => [{ method: 'POST', path: '/orders/{id}/ship', handler: () => ({}) }];
      `,
      'server.js': `
        const Hapi = require('@hapi/hapi');
        const { conf, all } = require('./config');
        const server = Hapi.server();
        server.route(require('./routes')(console, all));
        server.route({ method: 'PUT', path: new URL(conf.get('publicUrl')).pathname + '/v' + conf.get('api.version'), handler: () => ({}) });
      `,
    });
    expect(found).toEqual(['PUT /shop/v1', 'POST /shop/v1/orders/:id/ship']);
  });
});
