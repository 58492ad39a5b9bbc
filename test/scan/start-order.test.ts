import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

describe('files are loaded as the package starts', () => {
  it('so that a circle of imports is entered where the program enters it', () => {
    const routes = routesOf(
      scanSources({
        'package.json': '{ "scripts": { "start": "node --enable-source-maps dist/server.js" } }',
        'src/server.js': "require('./web');",
        'src/web.js': `const app = require('express')(); module.exports = app;
          const { setupRoute } = require('./helpers'); setupRoute(app, '/orders', (req, res) => {});`,
        'src/helpers.js': `require('express'); const auth = require('./auth');
          exports.setupRoute = (router, path, handler) => router.post(path, auth, handler);`,
        'src/auth.js': "require('./web'); module.exports = (req, res) => {};",
      }),
    );
    expect(routes).toEqual(['POST /orders']);
  });

  it('so that what they keep on the global object is there', () => {
    const routes = routesOf(
      scanSources({
        'package.json': '{ "main": "index.js" }',
        'index.js': `const Server = require('./server/server');
          new Server(process.env.BASE_PATH ?? '/shop').start();`,
        'server/server.js': `const express = require('express');
          module.exports = class Server {
            constructor(base) { global.basePath = base; globalThis.version = 'v1'; }
            start() {
              const router = express.Router();
              express().use(global.basePath, router);
              router.post('/' + version + '/orders', (req, res) => {});
            }
          };`,
      }),
    );
    expect(routes).toEqual(['POST /shop/v1/orders']);
  });

  it('begin where the scripts of each program say, if the package has more than one', () => {
    const routes = routesOf(
      scanSources({
        'package.json': JSON.stringify({
          scripts: { 'orders-server': 'node orders/run.js', 'generate:api-docs': 'node docs.js' },
        }),
        'docs.js': "const serve = require('./lib/serve'); serve({ prefix: '/docs' });",
        'orders/run.js': "const serve = require('../lib/serve'); serve({ prefix: '/shop' });",
        'lib/serve.js': `const express = require('express');
          module.exports = (options) => {
            const app = express();
            app.post(options.prefix + '/orders', (req, res) => {});
            app.listen(80);
          };`,
      }),
    );
    expect(routes).toEqual(['POST /shop/orders']);
  });
});
