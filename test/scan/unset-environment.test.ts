import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const handler = '(req, res) => {}';

function scan(source: string): string[] {
  return routesOf(
    scanSources({
      'src/app.ts': `import express from 'express'; import { major } from 'semver'; import expressWs from 'express-ws';
        const app = express(); ${source}`,
    }),
  );
}

describe('a prefix that a variable of the environment decides', () => {
  it.each([
    ["if (!process.env.ROOT_URL) return ''; return new URL(process.env.ROOT_URL).pathname;", ''],
    ["if (process.env.BASE === undefined) { return '/shop'; } return process.env.BASE;", '/shop'],
    ["return process.env.PROXY === 'true' ? '/proxy' : '';", ''],
    ["return process.env.BASE !== undefined ? '/' + process.env.BASE : '/shop';", '/shop'],
  ])('is what it is without that: %s', (body, prefix) => {
    expect(scan(`function base() { ${body} } app.post(base() + '/orders', ${handler});`)).toEqual([
      `POST ${prefix}/orders`,
    ]);
  });

  it.each([
    ["const base = process.env.NODE_ENV === 'production' ? '/live' : '';", '/live'],
    ["const isDev = process.env.NODE_ENV === 'development'; const base = isDev ? '' : `/v${2}`;", '/v2'],
    ["const isLive = process.env.NODE_ENV !== 'test'; const base = !isLive ? '/test' : '';", ''],
    [
      "const isDev = typeof __DEV__ !== 'undefined' ? __DEV__ : process.env.NODE_ENV === 'development';" +
        "const base = isDev ? '/dev' : '/live';",
      '/live',
    ],
  ])('is that of production where the mode of the program decides it: %s', (code, prefix) => {
    expect(scan(`${code} app.post(base + '/orders', ${handler});`)).toEqual([`POST ${prefix}/orders`]);
  });

  it('is unknown where the mode is not all that decides it', () => {
    expect(
      scan(
        `app.post((process.env.NODE_ENV === 'production' && major('1') ? '/live' : '') + '/orders', ${handler});`,
      ),
    ).toEqual(['POST /{live}/orders (partial)']);
  });

  it.each([
    ["const base = settings.base ? `/${settings.base}` : '';", ''],
    ["const { base } = { base: '/shop', ...{ base: settings.base } };", '/shop'],
  ])('is what it is without the setting of a package: %s', (code, prefix) => {
    expect(
      scan(`const settings = require('read-settings')(); ${code} app.post(base + '/orders', ${handler});`),
    ).toEqual([`POST ${prefix}/orders`]);
  });

  it('is unknown where a setting decides between two', () => {
    expect(
      scan(`const settings = require('read-settings')();
        app.post((settings.live ? '/live' : '/shop') + '/orders', ${handler});`),
    ).toEqual(['POST /{live}/orders (partial)']);
  });

  it('hides no route', () => {
    expect(
      scan(`if (process.env.REFUNDS) app.post('/refunds', ${handler});
        function more() { if (!process.env.ORDERS) return; app.post('/orders', ${handler}); } more();`),
    ).toEqual(['POST /orders', 'POST /refunds']);
  });
});

it('a version taken from a version number is known', () => {
  expect(scan(`app.post('/v' + major('2.1.0') + '/orders', ${handler});`)).toEqual(['POST /v2/orders']);
});

it('an application that WebSockets were added to is still the same', () => {
  expect(scan(`const { app: both } = expressWs(app); both.post('/orders', ${handler});`)).toEqual([
    'POST /orders',
  ]);
});

it("a router of the project's own that only keeps its handlers is reported", () => {
  expect(
    scan(`class Router { table = {}; post(path, handler) { this.table[path] = handler; } }
      const router = new Router();
      router.post('/orders', async () => {});
      class Wrapper { post(path, handler) { app.post(path, handler); } }
      const api = new Wrapper();
      api.post('/refunds', async (req, res) => {});`),
  ).toEqual(['POST /refunds', 'src/app.ts:4 unknown_router: router.post']);
});
