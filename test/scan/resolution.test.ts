import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProject } from '../../src/scan/project.ts';
import { folderWith } from '../helpers/write-files.ts';

const files = {
  'package.json': { name: 'shop', exports: { './orders': './src/orders.ts' } },
  'tsconfig.json': {
    compilerOptions: { baseUrl: './src', paths: { '~/*': ['./gone/*', './*'], '~/own/*': ['./lib/*'] } },
  },
  'src/app.ts': '',
  'src/orders.ts': '',
  'src/orders/index.ts': '',
  'src/refunds/index.ts': '',
  'src/express.ts': '',
  'src/lib/money.ts': '',
  'src/gone/own/money.ts': '',
  'src/nanoid.tsx': '',
  'src/view.tsx': '',
  'src/old.js': '',
  'packages/mail/package.json': { name: 'mail', main: 'index.ts' },
  'packages/mail/index.ts': '',
  'node_modules/express/package.json': { name: 'express', main: 'index.js' },
  'node_modules/express/index.js': '',
  'node_modules/koa/package.json': { name: 'koa', main: 'index.js' },
  'node_modules/koa/index.js': '',
};

const expected = {
  './orders': 'src/orders.ts',
  './orders.js': 'src/orders.ts',
  './orders/': 'src/orders/index.ts',
  './refunds': 'src/refunds/index.ts',
  './view': 'src/view.tsx',
  './old': 'src/old.js',
  './gone': null,
  'lib/money': 'src/lib/money.ts',
  // A file under `baseUrl` comes before a package.
  express: 'src/express.ts',
  '~/orders': 'src/orders.ts',
  // The longest pattern counts.
  '~/own/money': 'src/lib/money.ts',
  nanoid: 'src/nanoid.tsx',
  koa: null,
  'koa-alias': null,
  'node:fs': null,
  // Installed as links to its source.
  mail: 'packages/mail/index.ts',
  post: 'packages/mail/index.ts',
  // The package itself, by its name.
  'shop/orders': 'src/orders.ts',
};

describe('a specifier', () => {
  it('stands for the file that the compiler would find', () => {
    const root = folderWith(files);
    symlinkSync(join(root, 'packages/mail'), join(root, 'node_modules/mail'));
    symlinkSync(join(root, 'packages/mail'), join(root, 'node_modules/post'));
    symlinkSync(join(root, 'node_modules/koa'), join(root, 'node_modules/koa-alias'));
    const project = openProject(root);
    const found = Object.keys(expected).map((specifier) => {
      const file = project.resolve(specifier, join(project.root, 'src/app.ts'));
      return [specifier, file === null ? null : project.relativePath(file)];
    });
    expect(Object.fromEntries(found)).toEqual(expected);
  });
});
