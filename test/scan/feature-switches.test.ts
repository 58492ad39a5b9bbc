import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

function scan(app: string): string[] {
  return routesOf(
    scanSources({
      'src/app.js': `import express from 'express'; import config from './config'; import { uploads } from './uploads';
        const app = express(); ${app}`,
      'src/config.js': 'export default { uploads: { enabled: false }, isStrict: false };',
      'src/uploads.js':
        "export const uploads = (server) => { server.post('/uploads', (req, res) => res.json({})); };",
    }),
  );
}

describe('settings that are off by default', () => {
  it.each([
    'if (config.uploads.enabled) uploads(app);',
    'if (config.uploads.enabled && config.isStrict) { uploads(app); }',
    'config.uploads.enabled && uploads(app);',
    'const useSso = Boolean(0) || false; if (!useSso) { app.get("/login", () => {}); } else { uploads(app); }',
    'const WITH_UPLOADS = false; function start() { if (WITH_UPLOADS) uploads(app); } start();',
  ])('leave routes that whoever turns them on has: %s', (source) => {
    expect(scan(source)).toEqual(['POST /uploads']);
  });

  it.each([
    'function add(server, options) { if (options.uploads) uploads(server); } add(app, { uploads: false });',
    'if (false) uploads(app);',
    'function start() { const isDone = false; if (isDone) uploads(app); } start();',
    'for (const isDone of [false]) { if (isDone) uploads(app); }',
  ])('are not what the code itself decides: %s', (source) => {
    expect(scan(source)).toEqual(['POST /uploads (partial)']);
  });
});

describe('flags that are set once something optional is there', () => {
  it('may stay as they were', () => {
    expect(
      scan(`let isExtended = false;
        try { require('./extension'); isExtended = true; } catch { console.log('not installed'); }
        if (!isExtended) uploads(app);`),
    ).toEqual(['POST /uploads']);
  });
});
