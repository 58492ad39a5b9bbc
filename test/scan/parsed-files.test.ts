import { describe, expect, it } from 'vitest';
import { frameworks } from '../../src/frameworks/index.ts';
import { discoverRoutes } from '../../src/scan/discover.ts';
import { openProject } from '../../src/scan/project.ts';
import { folderWith } from '../helpers/write-files.ts';

const express = { dependencies: { express: '^5.0.0' } };

/** The files that are parsed to find the routes, and the paths found. */
function parsedIn(files: Readonly<Record<string, unknown>>): { parsed: string[]; paths: string[] } {
  const project = openProject(folderWith({ 'package.json': express, ...files }));
  const parsed = new Set<string>();
  const watched = {
    ...project,
    parse(file: string) {
      parsed.add(project.relativePath(file));
      return project.parse(file);
    },
  };
  const { routes } = discoverRoutes(watched, frameworks);
  return { parsed: [...parsed].sort(), paths: routes.map(({ path }) => path) };
}

const app = `
  import express from 'express';
  export function createServer() {
    const app = express();
    app.post('/orders', (req, res) => res.json({}));
    return app;
  }`;

describe('files that are parsed', () => {
  it('are not those that set tests up, but a resource may be called so', () => {
    const server = (path: string): string => `import express from 'express';
      import { createServer } from '../app.ts';
      const app = express();
      app.use('${path}', createServer());
      app.post('${path}', (req, res) => res.json({}));`;
    const found = parsedIn({
      'src/app.ts': app,
      'src/test-utils/server.ts': server('/tested'),
      'testHelpers/server.ts': server('/helped'),
      'src/orders/tests/routes.ts': server('/lab-tests').replace('../app', '../../app'),
    });
    expect(found.paths.sort()).toEqual(['/lab-tests', '/lab-tests/orders']);
  });

  it('are none without a sign of routing', () => {
    const found = parsedIn({
      'src/app.ts': app,
      'src/mail.ts': `import { queue } from './queue.ts';\nexport const send = () => queue.delete('mail');`,
      'src/queue.ts': 'export const queue = new Map();',
      'web/orders.tsx': `export const Orders = () => <form onSubmit={() => fetch('/orders', { method: 'POST' })} />;`,
    });
    expect(found.parsed).toEqual(['src/app.ts']);
    expect(found.paths).toEqual(['/orders']);
  });

  it('are those that import what makes a server, and not all that use its name', () => {
    const found = parsedIn({
      'src/app.ts': app,
      'src/index.ts': `export * from './app.ts';`,
      'main.ts': `import { createServer } from './src/index.ts';\ncreateServer().post('/refunds', (req, res) => res.json({}));`,
      'docs/example.ts': `// Call createServer() first.\nexport const example = 'createServer';`,
      'test-tools/createServer.ts': `import { createServer } from 'node:http';\nexport const tool = createServer();`,
    });
    expect(found.parsed).toEqual(['main.ts', 'src/app.ts', 'src/index.ts']);
    expect(found.paths.sort()).toEqual(['/orders', '/refunds']);
  });

  it('are not those that import another module of the same name', () => {
    const found = parsedIn({
      'server/app.ts': app,
      'server/main.ts': `import { createServer } from './app.js';\ncreateServer().delete('/orders', (req, res) => res.json({}));`,
      'web/app.ts': `export const createServer = () => new Map();`,
      'web/orders.ts': `import { createServer } from './app';\ncreateServer().register('/refunds');`,
      'web/pages.ts': `
        export class createServer {}
        export const pages = (name) => import(name).then((page) => createServer.register(page));`,
    });
    expect(found.parsed).toEqual(['server/app.ts', 'server/main.ts']);
    expect(found.paths.sort()).toEqual(['/orders', '/orders']);
  });

  it('are not those that procedures, schemas and jobs lead to', () => {
    const found = parsedIn({
      'src/server.ts': `
        import express from 'express';
        import { initTRPC } from '@trpc/server';
        import { z } from 'zod';
        import { connect } from './database.ts';
        import { store } from './store.ts';
        const app = express();
        const t = initTRPC.create();
        const input = z.string().refine((id) => store.has(id));
        export const router = t.router({ add: t.procedure.input(input).mutation((call) => store.add(call)) });
        z.object({}).parseAsync(process.env).then((settings) => connect(app, settings));`,
      'src/store.ts': 'export const store = new Set();',
      'src/database.ts': `export const connect = (app) => { app.post('/orders', (req, res) => res.json({})); };`,
    });
    expect(found.parsed).toEqual(['src/database.ts', 'src/server.ts']);
    expect(found.paths).toEqual(['/orders']);
  });

  it('are not those that descriptions of data are made of', () => {
    const found = parsedIn({
      'src/server.ts': `
        import express from 'express';
        import { orderSchema } from './schemas.ts';
        import { validate } from './validate.ts';
        const app = express();
        app.post('/orders', validate(orderSchema), (req, res) => res.json({}));`,
      'src/validate.ts': 'export const validate = (schema) => (req, res, next) => next();',
      'src/schemas.ts': `
        import { z } from 'zod';
        import { documentSchema, size } from './documents.ts';
        const note = z.string();
        export const orderSchema = z.object({ body: z.object({ text: documentSchema(size), note }) }).strict();`,
      'src/documents.ts': 'export const size = 10;\nexport const documentSchema = (size: number) => size;',
    });
    expect(found.parsed).toEqual(['src/schemas.ts', 'src/server.ts', 'src/validate.ts']);
    expect(found.paths).toEqual(['/orders']);
  });

  it('are not those of a namespace from which something else is asked for', () => {
    const found = parsedIn({
      'src/server.ts': `
        import express from 'express';
        import * as models from './models/index.ts';
        import { connect } from 'database';
        const app = express();
        connect(models).then(() => app.post(models.paths.orders, (req, res) => res.json({})));`,
      'src/models/index.ts': `
        export { Order } from './order.ts';
        export { Refund as default } from './refund.ts';
        export { paths } from './paths.ts';`,
      'src/models/order.ts': 'export class Order {}',
      'src/models/refund.ts': 'export class Refund {}',
      'src/models/paths.ts': `export const paths = { orders: '/orders' };`,
    });
    expect(found.parsed).toEqual(['src/models/index.ts', 'src/models/paths.ts', 'src/server.ts']);
    expect(found.paths).toEqual(['/orders']);
  });

  it('are not those that send requests which they describe by an object, nor what imports these', () => {
    const found = parsedIn({
      'src/app.ts': app,
      'web/orders.tsx': `
        import API from 'client';
        export const Orders = () => <Form onSubmit={(data) => API.post({ url: '/orders', data })} />;
        export class Cart { add(data) { return API.put({ url: '/cart', data }); } }`,
      'web/pages.tsx': `import { Cart, Orders } from './orders.tsx';\nexport const pages = [new Cart(), Orders];`,
    });
    expect(found.parsed).toEqual(['src/app.ts']);
  });

  it('are not bundles, whatever names they have', () => {
    const bundle = `/*! ledger 1.2.3 */\nvar createServer = (e) => require(e)(createServer);\n`;
    const found = parsedIn({
      'src/app.ts': app,
      'src/load.ts': 'export const load = (file) => require(file).createServer().put("/", load);',
      'static/ledger.js': bundle + 'createServer().put("/", createServer);\n'.repeat(4_000),
    });
    expect(found.parsed).toEqual(['src/app.ts', 'src/load.ts']);
  });

  it('are not those around a class that only deletes from maps', () => {
    const found = parsedIn({
      'src/app.ts': `${app}\nexport class Session { stop(id: string) { sessions.delete(id); return Promise.all([id]); } }`,
      'src/login.ts': `import { Session } from './app.ts';\nexport const session = new Session();`,
    });
    expect(found.parsed).toEqual(['src/app.ts']);
  });
});

describe('constants of files without a sign of routing', () => {
  const server = `
    import express from 'express';
    import { orders, settings } from './settings.ts';
    const app = express();
    app.post(orders, (req, res) => res.json({}));
    app.put(settings.paths.refunds, (req, res) => res.json({}));`;

  it('are followed when they are asked for, and the rest of their files is not', () => {
    const found = parsedIn({
      'src/server.ts': server,
      'src/settings.ts': `
        import { connect } from './database.ts';
        import { join } from './paths.ts';
        export const database = connect();
        export const { orders } = { orders: join('api', 'orders') };
        export class Settings extends connect { }
        export const settings = { paths: { refunds: join('api', 'refunds') }, self: () => settings };`,
      'src/paths.ts': `export const join = (a: string, b: string) => \`/${'$'}{a}/${'$'}{b}\`;`,
      'src/database.ts': 'export const connect = () => ({});',
    });
    expect(found.paths.sort()).toEqual(['/api/orders', '/api/refunds']);
    expect(found.parsed).toEqual(['src/paths.ts', 'src/server.ts', 'src/settings.ts']);
  });

  it('come to an end where they are made of themselves', () => {
    const found = parsedIn({
      'src/server.ts': server,
      'src/settings.ts': `
        const read = () => orders;
        export const orders = read() ?? '/orders';
        export const settings = { paths: { refunds: '/refunds' }, own: read() };`,
    });
    expect(found.paths).toContain('/refunds');
  });
});

describe('declarations that are read', () => {
  const files = {
    'tsconfig.json': { compilerOptions: { strict: true } },
    'node_modules/ledger/package.json': { name: 'ledger', types: 'index.d.ts' },
    'node_modules/ledger/index.d.ts': `import type { Huge } from 'huge';\nexport interface Entry { id: string }\nexport function book(): Entry;\nexport function all(): Huge;`,
    'node_modules/huge/package.json': { name: 'huge', types: 'index.d.ts' },
    'node_modules/huge/index.d.ts': 'export interface Huge { id: string }',
    'node_modules/unused/package.json': { name: 'unused', types: 'index.d.ts' },
    'node_modules/unused/index.d.ts': 'export const unused: number;',
    'src/orders.ts': `
      import { Router } from 'express';
      import { book } from 'ledger';
      import { unused } from 'unused';
      export const orders = Router();
      orders.post('/orders', (req, res) => { res.json(book()); });
      export const other = unused;`,
  };

  it('are those that the types of a handler lead to', () => {
    const root = folderWith({ 'package.json': express, ...files });
    const project = openProject(root);
    const source = project.parse(`${project.root}/src/orders.ts`);
    const { checker, find } = project.typed();
    expect(find(source)).toBe(source);
    const call = findCall(source, 'book()');
    expect(call).toBeDefined();
    if (call === undefined) return;
    expect(
      checker
        .getTypeAtLocation(call)
        .getProperties()
        .map(({ name }) => name),
    ).toEqual(['id']);
    const read = [...project.imports.values()]
      .flatMap((targets) => [...targets])
      .map((file) => project.relativePath(file));
    expect(read).toEqual(['node_modules/ledger/index.d.ts']);
  });
});

type Node = Parameters<
  ReturnType<ReturnType<typeof openProject>['typed']>['checker']['getTypeAtLocation']
>[0];

function findCall(node: Node, text: string): Node | undefined {
  return node.getText() === text ? node : node.forEachChild((child) => findCall(child, text));
}
