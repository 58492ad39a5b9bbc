import { expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

it('options that a library checks are the options that were given', () => {
  const sources = {
    'src/server.js': `import Hapi from '@hapi/hapi'; import path from 'path'; import { load } from './load';
      const start = async () => {
        const server = Hapi.server({});
        await load(server, { routes: '**/routes.js', cwd: path.join(__dirname, 'routes') });
      };
      start();`,
    'src/load.js': `import glob from 'glob-promise'; import joi from 'joi'; import path from 'path';
      const state = {};
      const routesIn = (file) => {
        let routes = require(file).default;
        if (!Array.isArray(routes)) { routes = Array.of(routes); }
        return Promise.resolve(routes);
      };
      const register = (file) => routesIn(path.join(state.options.cwd, file)).then((routes) => {
        const folder = file.split('/').slice(0, -1).join('/');
        routes.forEach((route) => state.server.route({ ...route, path: \`/\${folder}\${route.path}\` }));
      });
      export async function load(server, options) {
        state.server = server;
        state.options = joi.attempt(options, joi.object({ routes: joi.string(), cwd: joi.string() }));
        const files = await glob(state.options.routes, { cwd: state.options.cwd });
        Promise.all(files.map(register)).then(() => {});
      }`,
    'src/routes/orders/routes.js':
      "export default [{ method: 'POST', path: '/{id}/ship', handler: (request) => request.params }];",
    'src/routes/refunds/routes.js':
      "export default { method: 'DELETE', path: '/{id}', handler: (request) => request.params };",
  };
  expect(routesOf(scanSources(sources))).toEqual(['POST /orders/:id/ship', 'DELETE /refunds/:id']);
});

it('objects that zod parses keep what they say', () => {
  const sources = {
    'src/app.ts': `import express from 'express'; import { z } from 'zod';
      const schema = z.object({ prefix: z.string() });
      const settings = schema.parse({ prefix: '/v2' });
      express().post(settings.prefix + '/orders', (req, res) => {});`,
  };
  expect(routesOf(scanSources(sources))).toEqual(['POST /v2/orders']);
});
