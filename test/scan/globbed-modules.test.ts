import { expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

it('modules that a configuration finds by patterns register on what they are given', () => {
  const sources = {
    'package.json': JSON.stringify({ scripts: { start: 'gulp' } }),
    'server.js': "require('./config/app').start();",
    'config/app.js': `const web = require('./web'); const database = require('./database');
      module.exports.init = function (callback) { database.connect((db) => { callback(web.init(db)); }); };
      module.exports.start = function () { const self = this; self.init((app) => app.listen(80)); };`,
    'config/database.js': `const mongoose = require('mongoose');
      module.exports.connect = function (callback) { mongoose.connect('').then((made) => callback(made.db)); };`,
    'config/config.js': `const _ = require('lodash'); const glob = require('glob');
      const isUrl = new RegExp('^(?:[a-z]+:)?//', 'i');
      const paths = (patterns) => {
        let output = [];
        if (_.isArray(patterns)) {
          patterns.forEach((pattern) => { output = _.union(output, paths(pattern)); });
        } else if (_.isString(patterns)) {
          if (isUrl.test(patterns)) output.push(patterns);
          else output = _.union(output, glob.sync(patterns));
        }
        return output;
      };
      module.exports = { routes: paths(['modules/!(core)/routes/*.js', 'modules/core/routes/*.js']) };`,
    'config/web.js': `const express = require('express'); const path = require('path');
      const config = require('./config');
      module.exports.initRoutes = function (app) {
        config.routes.forEach((file) => { require(path.resolve(file))(app); });
      };
      module.exports.init = function (db) { const app = express(); this.initRoutes(app); return app; };`,
    'modules/core/routes/core.js': "module.exports = (app) => { app.route('/').post((req, res) => {}); };",
    'modules/orders/routes/orders.js':
      "module.exports = (app) => { app.route('/api/orders').post((req, res) => {}); };",
  };
  expect(routesOf(scanSources(sources))).toEqual(['POST /', 'POST /api/orders']);
});
