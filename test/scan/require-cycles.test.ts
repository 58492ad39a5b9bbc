import { describe, expect, it } from 'vitest';
import { scanProject } from '../../src/scan/scan.ts';
import { folderWith } from '../helpers/write-files.ts';

/** The program starts at `server.js`, which the scan meets on the way through `routes.js` only. */
const server = `
  const express = require('express');
  const routes = require('./routes');
  const app = express();
  exports.users = new Map();
  exports.listen = async function () {
    await initialize();
    app.listen(80);
  };
  async function initialize() {
    routes(app);
  }`;
const routes = `
  const express = require('express');
  const controllers = require('./controllers');
  module.exports = function (app) {
    const router = express.Router();
    router.post('/orders', controllers.create);
    app.use('/api', router);
  };`;

describe('CommonJS modules that require each other', () => {
  it('see what a module exports at its end, whichever of them is read first', () => {
    const root = folderWith({
      'package.json': { dependencies: { express: '^5.0.0' } },
      'lib/controllers.js': `
        exports.users = require('./server').users;
        exports.create = (req, res) => res.json({ count: exports.users.size });`,
      'lib/routes.js': routes,
      'lib/server.js': server,
    });
    const found = scanProject(root).mutations.map(({ path, partial }) => ({ path, partial }));
    expect(found).toEqual([{ path: '/api/orders', partial: false }]);
  });
});
