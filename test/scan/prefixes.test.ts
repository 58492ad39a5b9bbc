import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { routesOf, scanSources, writeSources } from '../helpers/scan-sources.ts';

const ORDERS = `
  const { Router } = require('express');
  const orders = Router();
  orders.post('/', (req, res) => res.json({}));
  orders.delete('/:id', (req, res) => res.json({}));
  module.exports = orders;
`;
/** Two levels that are not known, in two files, above a third that registers. */
const NESTED = {
  'src/orders.js': ORDERS,
  'src/app.js': `
    const express = require('express');
    const { config } = require('settings');
    const app = express();
    const api = express.Router();
    app.use(config.basePath, api);
    require('./mount')(api);
  `,
  'src/mount.js': `
    const { config } = require('settings');
    module.exports = (api) => {
      api.use(config.versionPath, require('./orders'));
    };
  `,
};
const BASE = '{settings.config.basePath}';
const VERSION = '{settings.config.versionPath}';

function scanWith(prefixes: Record<string, string>, sources: Readonly<Record<string, string>> = NESTED) {
  const advice: string[] = [];
  const report = scanSources(sources, { prefixes, onAdvice: (lines) => advice.push(...lines) });
  return { routes: routesOf(report), advice };
}

/** The config that the advice tells to paste. */
function pasted(advice: readonly string[]): unknown {
  return JSON.parse(`{${advice.slice(advice.indexOf('  "scan": {')).join('\n')}}`);
}

describe('a part of a path that only the running program knows', () => {
  it('is named where it stands, and the lines that would complete most paths are said first', () => {
    const { routes, advice } = scanWith(
      {},
      {
        ...NESTED,
        'src/hooks.js': `
          const app = require('express')();
          app.use(process.env.HOOKS, require('./pay'));
        `,
        'src/pay.js': `
          const router = require('express').Router();
          router.post('/pay', (req, res) => res.json({}));
          module.exports = router;
        `,
      },
    );
    expect(routes).toEqual([
      'POST /{process.env.HOOKS}/pay (partial)',
      `POST /${BASE}/${VERSION} (partial)`,
      `DELETE /${BASE}/${VERSION}/:id (partial)`,
    ]);
    expect(advice.slice(0, 4)).toEqual([
      '3 paths are partial: the running program alone knows what is before them.',
      `  2 paths below ${BASE} at src/app.js:6`,
      `  2 paths below ${VERSION} at src/mount.js:4`,
      '  1 path below {process.env.HOOKS} at src/hooks.js:3',
    ]);
    expect(pasted(advice)).toEqual({
      scan: { prefixes: { [BASE]: '/…', [VERSION]: '/…', '{process.env.HOOKS}': '/…' } },
    });
  });

  it.each([
    ['names', { [BASE]: '/base', [VERSION]: 'v2' }],
    ['files of the mounts', { 'src/app.js': '/base', 'src/mount.js': '/v2' }],
    ['lines of the mounts', { 'src/app.js:6': '/base', 'src/mount.js:4': '/v2/' }],
    ['a name and the file that registers', { [VERSION]: '/v2', 'src/orders.js': '/base' }],
  ])('is given by %s', (_, prefixes) => {
    const { routes, advice } = scanWith(prefixes);
    expect(routes).toEqual(['POST /base/v2', 'DELETE /base/v2/:id']);
    expect(advice).toEqual([]);
  });

  it('stays partial while a level is not given, and a name wins over a line and a line over a file', () => {
    expect(scanWith({ 'src/app.js': '/base' }).routes).toEqual([
      `POST /base/${VERSION} (partial)`,
      `DELETE /base/${VERSION}/:id (partial)`,
    ]);
    const { routes } = scanWith({
      [BASE]: '/name',
      'src/app.js:6': '/line',
      'src/app.js': '/file',
      [VERSION]: '',
    });
    expect(routes).toEqual(['POST /name', 'DELETE /name/:id']);
  });

  it('is what stands before a router that nothing mounts, given by the file that makes it', () => {
    const sources = { 'src/orders.js': ORDERS };
    expect(scanWith({}, sources).routes).toEqual(['POST / (partial)', 'DELETE /:id (partial)']);
    expect(pasted(scanWith({}, sources).advice)).toEqual({ scan: { prefixes: { 'src/orders.js': '/…' } } });
    expect(scanWith({ 'src/orders.js': '/orders' }, sources).routes).toEqual([
      'POST /orders',
      'DELETE /orders/:id',
    ]);
  });

  it('is never given to another router by the line that is advised', () => {
    const { advice } = scanWith(
      {},
      {
        ...NESTED,
        'src/orders.js': `${ORDERS}
          const stray = Router();
          stray.post('/stray', (req, res) => res.json({}));
        `,
      },
    );
    // The file alone would also stand for what is above the other router in it.
    expect(Object.keys((pasted(advice) as { scan: { prefixes: object } }).scan.prefixes)).toEqual([
      BASE,
      VERSION,
      'src/orders.js:8',
    ]);
  });

  it('may be one of several, of which the first is said', () => {
    const { advice } = scanWith(
      {},
      {
        'src/orders.js': ORDERS,
        'src/app.js': `
          const { isNew } = require('settings');
          require('express')().use(isNew() ? '/v2' : '/v1', require('./orders'));
        `,
      },
    );
    expect(advice[1]).toBe(
      '  2 paths below one of several prefixes at src/app.js:3, of which /v2 is the first',
    );
    expect(pasted(advice)).toEqual({ scan: { prefixes: { 'src/app.js': '/v2' } } });
  });

  it.each([
    [
      'Koa',
      `
        const Koa = require('koa');
        const Router = require('@koa/router');
        const { config } = require('settings');
        const router = new Router({ prefix: config.prefix });
        router.post('/orders', (ctx) => {});
        new Koa().use(router.routes());
      `,
    ],
    [
      'Fastify',
      `
        const app = require('fastify')();
        const { config } = require('settings');
        app.register(async (scope) => {
          scope.post('/orders', async () => ({}));
        }, { prefix: config.prefix });
      `,
    ],
    [
      'Hono',
      `
        import { Hono } from 'hono';
        import { config } from 'settings';
        const orders = new Hono();
        orders.post('/orders', (c) => c.json({}));
        new Hono().route(config.prefix, orders);
      `,
    ],
    [
      'hapi',
      `
        const server = require('@hapi/hapi').server();
        const { config } = require('settings');
        const plugin = {
          name: 'orders',
          register: (scope) => scope.route({ method: 'POST', path: '/orders', handler: () => ({}) }),
        };
        server.register(plugin, { routes: { prefix: config.prefix } });
      `,
    ],
    [
      'NestJS',
      `
        import { Controller, Post, Module } from '@nestjs/common';
        import { NestFactory } from '@nestjs/core';
        import { config } from 'settings';
        @Controller('orders') class Orders { @Post() create() {} }
        @Module({ controllers: [Orders] }) class App {}
        NestFactory.create(App).then((app) => { app.setGlobalPrefix(config.prefix); });
      `,
    ],
  ])('is given by its name, its file and its advice in %s', (_, source) => {
    const sources = { 'src/main.ts': source };
    expect(scanWith({}, sources).routes).toEqual(['POST /{settings.config.prefix}/orders (partial)']);
    expect(pasted(scanWith({}, sources).advice)).toEqual({
      scan: { prefixes: { '{settings.config.prefix}': '/…' } },
    });
    expect(scanWith({ '{settings.config.prefix}': '/api' }, sources).routes).toEqual(['POST /api/orders']);
    expect(scanWith({ 'src/main.ts': '/api' }, sources).routes).toEqual(['POST /api/orders']);
  });

  it('is not in the path any more, and a key that gives nothing is said', () => {
    expect(scanWith({ [BASE]: '/b', [VERSION]: '/v', 'src/gone.js': '/x' }).advice).toEqual([
      'scan.prefixes: "src/gone.js" is of no unknown part of a path',
    ]);
  });

  it('is refused by the config while the placeholder stands in its place', () => {
    const root = writeSources({ 'evtgen.config.json': '{"scan": {"prefixes": {"src/app.ts": "/…"}}}' });
    expect(() => loadConfig(root)).toThrow(
      'scan.prefixes["src/app.ts"]: expected the prefix itself in place of "…", got "/…"',
    );
  });
});
