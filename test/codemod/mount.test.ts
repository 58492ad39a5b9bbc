import { expect, it } from 'vitest';
import { applySplices } from '../../src/codemod/insert.ts';
import { mountRouter, type Mount } from '../../src/codemod/mount.ts';

function mounted(fileName: string, text: string, mount: Mount): string | undefined {
  const insertions = mountRouter(fileName, text, mount);
  return insertions && applySplices(text, insertions);
}

const APP = `import express from 'express';
import { orders } from './orders.js';

export function createApp() {
  const app = express();
  app.use('/orders', orders);

  app.use(notFound);
  return app;
}
`;

it('adds an import and one line after the last router', () => {
  const place: Mount = { line: 6, app: 'app', method: 'use', specifier: './routes/webhooks.js' };
  expect(mounted('app.ts', APP, place)).toBe(
    APP.replace(
      "from './orders.js';\n",
      "from './orders.js';\nimport { eventRoutes } from './routes/webhooks.js';\n",
    ).replace("orders);\n\n", 'orders);\n  app.use(eventRoutes);\n\n'),
  );
});

it('keeps line endings, quotes and missing semicolons', () => {
  const text = 'const express = require("express")\r\nconst app = express()\r\napp.listen(3000)\r\n';
  expect(mounted('app.js', text, { line: 2, app: 'app', method: 'use', specifier: './webhooks' })).toBe(
    'const express = require("express")\r\nconst { eventRoutes } = require("./webhooks")\r\n' +
      'const app = express()\r\napp.use(eventRoutes)\r\napp.listen(3000)\r\n',
  );
});

it('gives up where the line ends no statement', () => {
  expect(mounted('app.ts', APP, { line: 4, app: 'app', method: 'use', specifier: './routes/webhooks.js' })).toBeUndefined();
});
