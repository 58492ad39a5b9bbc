import { expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

it('a loop that works long on each route registers all of them', () => {
  const names = Array.from({ length: 60 }, (_, index) => `r${index}`);
  const checks = Array.from(
    { length: 40 },
    (_, index) => `if (routes[key].flag${index}) chain.push(c${index});`,
  );
  const routes = routesOf(
    scanSources({
      'src/app.js': `const express = require('express');
        const routes = { ${names.map((name) => `'post /${name}': { controller() {} }`).join(',')} };
        const router = express.Router();
        Object.keys(routes).forEach((key) => {
          const [method, path] = key.split(' ');
          const chain = [];
          ${checks.join('\n')}
          router[method](path, ...chain, routes[key].controller);
        });
        express().use('/api', router);`,
    }),
  );
  expect(routes).toEqual(names.map((name) => `POST /api/${name}`).sort());
});
