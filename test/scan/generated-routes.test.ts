import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const factory = `module.exports = function (log) {
    return {
      addAll(server, model) { this.addCreate(server, model); },
      addCreate(server, model) {
        server.route({ method: 'GET', path: '/' + model.alias, config: { handler: log } });
        server.route({ method: 'POST', path: '/' + model.alias, config: { handler: log } });
      },
    };
  };`;

describe('routes of which the sources list a part', () => {
  it.each([
    'for (const [key, handler] of Object.entries(routes)) { app.post(key, handler); }',
    'Object.keys(routes).forEach((key) => { app.post(key, routes[key]); });',
  ])('are listed, and the rest is said to be missing: %s', (loop) => {
    const app = `import express from 'express'; import { found } from './found';
      const app = express(); const routes = { '/orders': (req, res) => {} };
      Object.assign(routes, found());
      ${loop}`;
    expect(routesOf(scanSources({ 'src/app.js': app }))).toEqual([
      'POST /orders',
      'src/app.js:4 dynamic_route: what else the object may have',
    ]);
  });

  it('are of models where a package makes them', () => {
    const app = `import express from 'express'; import Resource from 'resourcejs'; import { Order } from './order';
      const app = express(); app.post('/refunds', (req, res) => {}); Resource(app, '', 'order', Order).rest();`;
    expect(routesOf(scanSources({ 'src/app.js': app }))).toEqual([
      'POST /refunds',
      'src/app.js:1 model_routes: resourcejs',
    ]);
  });
});

describe('routes that a plugin makes of models', () => {
  it('are followed from the plugin that nobody here registers', () => {
    const sources = {
      'plugin.js': `const make = require('./factory');
        const models = {};
        module.exports = { plugin: { name: 'rest', register }, add: (name, model) => { models[name] = model; } };
        async function register(server, options) {
          const helper = make(options.log);
          for (const key in models) { helper.addAll(server, models[key]); }
        }`,
      'factory.js': factory,
    };
    expect(routesOf(scanSources(sources))).toEqual(['POST /{models[key].alias} (partial)']);
  });

  it('are reported where nothing leads to them, without those that change nothing', () => {
    expect(routesOf(scanSources({ 'factory.js': factory }))).toEqual([
      'factory.js:6 unknown_router: server.route',
    ]);
  });
});
