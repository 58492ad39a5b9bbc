import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const routes = (sources: Readonly<Record<string, string>>): string[] => routesOf(scanSources(sources));

const ordersRouter = `
  import { Router } from 'express';
  const router = Router();
  router.post('/orders', (req, res) => res.json({}));
  export default router;
`;

describe('an application of Express', () => {
  it('have no route of what stands before the methods of a path, which is run for each of them', () => {
    const found = scanSources({
      'app.js': `
        const app = require('express')();
        app.route('/hosts').options(cors).all(requireToken).get(list).post(create);
        app.route('/upload').all(proxy);
        app.route('/status').get(show).all(notAllowed);
        function cors(req, res) {}
        function requireToken(req, res, next) { next(); }
        function list(req, res) {}
        function create(req, res) {}
        function proxy(req, res) {}
        function show(req, res) {}
        function notAllowed(req, res) {}`,
    });
    expect(routesOf(found)).toEqual(['POST /hosts', 'ALL /status', 'ALL /upload']);
  });

  it('is followed where a class mounts all routers, and a script that we cannot see starts it', () => {
    const server = `
      import express from 'express';
      import orders from './orders.js';
      export class Server {
        constructor() { this.app = express(); }
        async configure() { this.app.use('/api', orders); }
      }
      export async function start() {
        const server = new Server();
        await server.configure();
      }`;
    expect(routes({ 'src/server.js': server, 'src/orders.js': ordersRouter })).toEqual(['POST /api/orders']);
  });

  it('is mounted as the function says that requires its maker and calls it at once', () => {
    const server = `
      const express = require('express');
      module.exports = function create(settings) {
        const app = express();
        app.all('/orders*', require('./parts/orders')(settings));
        app.use('/v3', require('./parts/refunds/')(settings));
        app.all('/health', (req, res) => res.json({}));
        return app;
      };`;
    const part = (path: string): string => `
      const express = require('express');
      module.exports = function configure(settings) {
        const app = express();
        app.post('${path}', (req, res) => res.json({}));
        return app;
      };`;
    const found = routes({
      'lib/server.js': server,
      'lib/parts/orders.js': part('/orders'),
      'lib/parts/refunds/index.js': part('/refunds'),
    });
    expect(found).toEqual(['ALL /health', 'POST /orders', 'POST /v3/refunds']);
  });

  it('is mounted as its uncalled entry says, not as its parts would by themselves', () => {
    const server = `
      import orders from './orders.js';
      export function mountAll(app, { prefix }) { app.use(prefix, orders); }`;
    const create = `
      import express from 'express';
      export const createApp = () => express();`;
    const entry = `
      import { createApp } from './create.js';
      import { mountAll } from './mount.js';
      const build = () => { const app = createApp(); mountAll(app, { prefix: '/shop' }); return app; };
      export const main = async () => build().listen(3000);`;
    const sources = {
      'src/create.js': create,
      'src/entry.js': entry,
      'src/mount.js': server,
      'src/orders.js': ordersRouter,
    };
    expect(routes(sources)).toEqual(['POST /shop/orders']);
  });

  it('has the prefix that stands beside one that only the running program knows', () => {
    const app = `
      import express from 'express';
      import orders from './orders.js';
      export default async function createApp(config, version = 'v1') {
        const app = express();
        const base = config.server.basePath || '';
        app.use(\`\${base}/api\`, orders);
        app.use(\`/\${version}\`, orders);
        app.use(config.name || 'shop', orders);
        return app;
      }`;
    expect(routes({ 'src/app.js': app, 'src/orders.js': ordersRouter })).toEqual([
      'POST /api/orders',
      'POST /shop/orders (partial)',
      'POST /v1/orders',
    ]);
  });

  it('is found behind work that would use up the steps of a scan', () => {
    const jobs = `
      import { Agenda } from 'agenda';
      const spread = (value) => [spread(value || 1), spread(value || 2), spread(value || 3), spread(value || 4)];
      const weigh = (a, b, c) => spread(a) + spread(b) + spread(c) + spread(a || b) + spread(b || c);
      const agenda = new Agenda();
      ${'agenda.define("weigh", async (job) => { weigh(job.a || 1, job.b || 2, job.c || 3); });\n'.repeat(400)}`;
    const app = `
      import express from 'express';
      import './jobs.js';
      import orders from './orders.js';
      express().use('/api', orders);`;
    const sources = { 'src/app.js': app, 'src/jobs.js': jobs, 'src/orders.js': ordersRouter };
    expect(routes(sources)).toEqual(['POST /api/orders']);
  });
});

it('follows a function that nothing calls, which registers on what a function of the project makes', () => {
  const report = scanSources({
    'src/http.js': `
      const express = require('express');
      module.exports = { makeApp: function (settings) { const app = express(); app.set('x', settings.x); return app; } };`,
    'src/orders.js': `
      const http = require('./http');
      module.exports = { init(settings) {
        const admin = http.makeApp(settings);
        admin.post('/orders', (req, res) => {});
        return admin;
      } };`,
    'src/index.js': `
      const http = require('./http');
      let admin;
      function init(settings) {
        admin = http.makeApp(settings);
        admin.post('/auth/token', (req, res) => {});
        admin.use('/v1', require('./orders').init(settings));
      }
      module.exports = { init };`,
  });
  expect(routesOf(report)).toEqual(['POST /auth/token', 'POST /v1/orders']);
});
