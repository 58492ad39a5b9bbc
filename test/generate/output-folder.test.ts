import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputFolder } from '../../src/generate/output-folder.ts';

const EXPRESS = "import express from 'express';\nconst app = express();\n";
const NEST = 'const app = await NestFactory.create(AppModule);\n';

function folderOf(files: Readonly<Record<string, string>>, config = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'evtgen-output-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return outputFolder(root, config);
}

describe('generated code goes', () => {
  it.each([
    ['to src', 'src/events', { 'src/app.ts': EXPRESS }],
    ['to lib where there is no src', 'lib/events', { 'index.js': EXPRESS }],
    ['to the folder of the server', 'server/events', { 'server/index.ts': EXPRESS, 'lib/color.js': '' }],
    ['to its src', 'backend/src/events', { 'backend/src/main.ts': NEST, 'frontend/main.js': '' }],
    [
      'to the server of Nx',
      'apps/api/src/events',
      { 'apps/api/src/main.ts': NEST, 'apps/web/src/main.ts': '' },
    ],
    [
      'beside a src that is a frontend',
      'server/events',
      { 'server/index.ts': EXPRESS, 'src/pages/_app.tsx': '' },
    ],
    ['to src, which has a server too', 'src/events', { 'mock/index.ts': EXPRESS, 'src/a/b/app.ts': EXPRESS }],
    ['to lib, with a server at the root', 'lib/events', { 'app.js': EXPRESS, 'proxy/index.js': EXPRESS }],
    ['to lib, with two servers', 'lib/events', { 'api/index.js': EXPRESS, 'admin/index.js': EXPRESS }],
    ['not to tests', 'lib/events', { 'test/server.js': EXPRESS, 'api/api.test.js': EXPRESS }],
    ['not to another package', 'lib/events', { 'api/index.js': EXPRESS, 'api/package.json': '{}' }],
    [
      'where they went before',
      'lib/events',
      { 'server/index.ts': EXPRESS, 'lib/events/.evtgen/manifest.json': '' },
    ],
    [
      'there, with a second server since',
      'server/events',
      { 'server/index.ts': EXPRESS, 'admin/index.ts': EXPRESS, 'server/events/.evtgen/manifest.json': '' },
    ],
  ])('%s', (_title, expected, files) => {
    expect(folderOf(files)).toBe(expected);
  });

  it('where it is said', () => {
    expect(folderOf({ 'server/index.ts': EXPRESS }, { output: 'events-code' })).toBe('events-code');
  });
});
