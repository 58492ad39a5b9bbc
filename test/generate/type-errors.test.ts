import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTypeCheck } from '../../src/generate/type-errors.ts';
import { folderWith } from '../helpers/write-files.ts';
import { linkDependencies, shopWithCatalog } from './project.ts';

const CONFIG = {
  compilerOptions: { strict: true, noUnusedLocals: true, module: 'esnext', moduleResolution: 'bundler' },
};
const SETUP = { path: 'src/events/setup.ts', content: 'export declare function emit(id: string): void;\n' };

function project(): string {
  const root = folderWith({ 'tsconfig.json': CONFIG, 'src/env.d.ts': 'declare const id: number;\n' });
  mkdirSync(join(root, 'node_modules'));
  return root;
}

const BEFORE = 'export const wrong: string = 1;\n';
const edit = (line: string): { path: string; before: string; content: string } => ({
  path: 'src/orders.ts',
  before: BEFORE,
  content: `import { emit } from './events/setup';\n${BEFORE}${line}\n`,
});

test('says what an edit breaks, and not what was broken before', () => {
  const check = createTypeCheck(project(), [SETUP], []);

  expect(check?.([edit('emit(String(id));')])).toEqual([]);
  const content = edit('emit(id);').content;
  expect(check?.([edit('emit(id);')])).toEqual([
    {
      path: 'src/orders.ts',
      position: content.indexOf('id);'),
      message: "TS2345: Argument of type 'number' is not assignable to parameter of type 'string'.",
    },
  ]);
  expect(check?.([edit('const unused = emit("1");')])?.map(({ message }) => message)).toEqual([
    "TS6133: 'unused' is declared but its value is never read.",
  ]);
});

test('knows what other files add to the types of a module', () => {
  const root = project();
  const file = join(root, 'src/plugin.ts');
  writeFileSync(
    file,
    "declare module './events/setup' {\n  export function told(id: string): void;\n}\nexport {};\n",
  );
  const told = {
    path: 'src/orders.ts',
    before: BEFORE,
    content: `import { told } from './events/setup';\n${BEFORE}told('1');\n`,
  };

  expect(createTypeCheck(root, [SETUP], [])?.([told])).toHaveLength(1);
  expect(createTypeCheck(root, [SETUP], [file])?.([told])).toEqual([]);
});

test.each([
  { version: '5.2.2', count: 0 },
  { version: '6.0.0', count: 1 },
])('is as strict as TypeScript $version where no setting says it', ({ version, count }) => {
  const root = folderWith({
    'tsconfig.json': { compilerOptions: { module: 'esnext', moduleResolution: 'bundler' } },
    'node_modules/typescript/package.json': { name: 'typescript', version },
  });
  const messages = createTypeCheck(root, [SETUP], [])?.([edit('export const tell = (one) => emit(one);')]);

  expect(messages).toHaveLength(count);
});

test('says nothing of JavaScript, nor where nothing is installed or no settings are', () => {
  const root = project();
  const script = { path: 'src/orders.js', before: '', content: 'nonsense(;' };

  expect(createTypeCheck(root, [], [])?.([script])).toEqual([]);
  expect(createTypeCheck(folderWith({ 'tsconfig.json': CONFIG }), [], [])).toBeNull();
});

test('what would not compile is left to a person with the error, and the rest of the file is wired', async () => {
  const shop = shopWithCatalog();
  try {
    linkDependencies(shop);
    const schema = shop.path('events/schemas/product.created.v1.json');
    const parsed = JSON.parse(shop.read('events/schemas/product.created.v1.json')) as {
      properties: Record<string, unknown>;
    };
    parsed.properties['title'] = { type: 'integer' };
    writeFileSync(schema, JSON.stringify(parsed));
    const { stdout } = await shop.generate('wire', 'json');
    const { byHand, wired } = JSON.parse(stdout) as {
      byHand: { mutation: string; reason: string; snippet: string }[];
      wired: { mutation: string }[];
    };

    const reason = byHand.find(({ mutation }) => mutation === 'POST /api/v1/products')?.reason;
    expect(reason).toMatch(/^the edit would not compile: TS\d+: .*title/);
    expect(wired.map(({ mutation }) => mutation)).toContain('PUT /api/v1/products/:id');
    const text = shop.read('src/api/products.ts');
    expect(text).not.toContain("'product.created'");
    expect(text).toContain("'product.updated'");
  } finally {
    shop.remove();
  }
}, 60_000);
