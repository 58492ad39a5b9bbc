import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const factory = `module.exports = function (log) {
    return {
      addAll(server, model) { this.addCreate(server, model); },
      addCreate(server, model) {
        server.route({ method: 'GET', path: '/' + model.alias, config: { handler: log } });
        server.route({ method: 'POST', path: '/' + model.alias, config: { handler: log } });
      },
    };
  };`;

describe('routes that a plugin makes of models', () => {
  it('are followed from the plugin that nobody here registers', () => {
    const sources = {
      'plugin.js': `const make = require('./factory');
        const models = {};
        module.exports = { plugin: { name: 'rest', register }, add: (name, model) => { models[name] = model; } };
        async function register(server, options) {
          const helper = make(options.log);
          for (const key in models) { helper.addAll(server, models[key]); }
        }`,
      'factory.js': factory,
    };
    expect(routesOf(scanSources(sources))).toEqual(['POST /{models[key].alias} (partial)']);
  });

  it('are reported where nothing leads to them, without those that change nothing', () => {
    expect(routesOf(scanSources({ 'factory.js': factory }))).toEqual([
      'factory.js:6 unknown_router: server.route',
    ]);
  });
});
