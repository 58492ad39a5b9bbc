import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanProject } from '../../src/scan/scan.ts';

describe('routes of AdonisJS 5', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'evtgen-adonis-'));
    put('package.json', '{"dependencies":{"@adonisjs/core":"5"}}');
    put('tsconfig.json', '{"compilerOptions":{"paths":{"App/*":["./app/*"]}}}');
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const put = (file: string, text: string): void => {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const routes = (): string[] =>
    scanProject(root).mutations.map(
      ({ method, path, partial, handler }) =>
        `${method} ${path}${partial ? ' (partial)' : ''} -> ${handler?.name ?? '?'}`,
    );
  const route = "import Route from '@ioc:Adonis/Core/Route';\n";

  it('name controllers by strings, with folders and without', () => {
    put(
      'app/Controllers/Http/OrdersController.ts',
      'export default class OrdersController {\n  public async ship() {\n    return { id: 1 };\n  }\n}\n',
    );
    put(
      'app/Controllers/Http/Desk/NotesController.ts',
      'export default class NotesController {\n  public async store() {\n    return { id: 1 };\n  }\n}\n',
    );
    put(
      'start/routes.ts',
      `${route}Route.post('/orders/:id/ship', 'OrdersController.ship');\nRoute.resource('notes', 'Desk/NotesController').only(['store']);\n`,
    );
    expect(routes()).toEqual([
      'POST /notes -> NotesController.store',
      'POST /orders/:id/ship -> OrdersController.ship',
    ]);
  });

  it('belong to the group during whose callback they are made, in whichever file', () => {
    put('app/Desk/routes.ts', `${route}Route.delete('notes/:id', async () => ({ id: 1 }));\n`);
    put(
      'start/routes.ts',
      `${route}Route.group(() => {\n  require('App/Desk/routes');\n  Route.group(() => {\n    Route.put('/items', async () => ({ id: 1 }));\n  }).prefix('desk');\n}).prefix('/api').middleware('auth');\nRoute.patch('/open', async () => ({ id: 1 }));\n`,
    );
    expect(routes()).toEqual(['PUT /api/desk/items -> ?', 'DELETE /api/notes/:id -> ?', 'PATCH /open -> ?']);
  });

  it('follow constants and loops, and are partial where the prefix is unknown or nobody calls what makes them', () => {
    put('app/prefix.ts', "export const DESK = '/desk';\n");
    put(
      'start/routes.ts',
      [
        "import { DESK } from 'App/prefix';",
        "import Env from '@ioc:Adonis/Core/Env';",
        `${route}for (const name of ['orders', 'refunds']) Route.post(\`\${DESK}/\${name}\`, async () => ({ id: 1 }));`,
        "Route.group(() => {\n  Route.post('/items', async () => ({ id: 1 }));\n}).prefix(Env.get('PREFIX'));",
      ].join('\n'),
    );
    put(
      'app/module.ts',
      `${route}export function register() {\n  Route.delete('/notes', async () => ({ id: 1 }));\n}\n`,
    );
    expect(routes()).toEqual([
      'POST /desk/orders -> ?',
      'POST /desk/refunds -> ?',
      'DELETE /notes (partial) -> ?',
      'POST /{@iocAdonisCoreEnv.default.get}/items (partial) -> ?',
    ]);
  });

  it('are renamed by params and told apart by except', () => {
    put(
      'start/routes.ts',
      `${route}Route.resource('orders.items', 'ItemsController').params({ orders: 'order', items: 'item' }).except(['store', 'update']);\n`,
    );
    expect(routes()).toEqual(['DELETE /orders/:order/items/:item -> ?']);
  });
});
