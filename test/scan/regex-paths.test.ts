import { describe, expect, it } from 'vitest';
import { pathOfRegex } from '../../src/scan/regex-paths.ts';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

describe('regular expressions as paths', () => {
  it.each([
    [String.raw`^\/orders\/(\d+)$`, '/orders/:0'],
    [String.raw`^\/(@[\w\-\.]+\/[\w\-\.]+)\/\-rev\/([\w\-\.]+)$`, '/:0/-rev/:1'],
    [String.raw`^\/orders\/(?<id>[^/]+)\/ship\/?$`, '/orders/:id/ship'],
    [String.raw`^/commits/(\w+)(?<to>\.\.\w+)$`, '/commits/:0:to'],
    [String.raw`^\/proxy(\/.+)$`, '/proxy/:0'],
    [String.raw`^\/files\/[\w.-]+$`, '/files/*'],
    [String.raw`^\/files\/.*$`, '/files/*'],
    [String.raw`^\/files\/\d{3}\.pdf$`, '/files/*.pdf'],
  ])('stand for one path: %s', (source, path) => {
    expect(pathOfRegex(source)).toBe(path);
  });

  it.each([
    String.raw`\/orders`,
    String.raw`^\/orders`,
    String.raw`^\/(?:orders|refunds)$`,
    String.raw`^\/orders(\/\d+)?$`,
    String.raw`^\/orders|\/refunds$`,
    String.raw`^(\/a)\1$`,
  ])('stand for no single one: %s', (source) => {
    expect(pathOfRegex(source)).toBeNull();
  });

  it('have their routes listed by that path, or by their own words', () => {
    const routes = routesOf(
      scanSources({
        'src/app.js': String.raw`import express from 'express'; const app = express();
          app.post(/^\/orders\/(\d+)\/ship$/, (req, res) => {});
          app.delete(/orders/, (req, res) => {});`,
      }),
    );
    expect(routes).toEqual(['POST /orders/:0/ship', 'DELETE /{/orders/} (partial)']);
  });
});
