import { describe, expect, it } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const contract = `
  import { initContract } from '@ts-rest/core';
  const c = initContract();
  export const contract = c.router({
    create: { method: 'POST', path: '/orders', body: null, responses: {} },
    find: { method: 'GET', path: '/orders/:id', responses: {} },
    items: { remove: { method: 'DELETE', path: '/orders/:id/items/:itemId', body: null, responses: {} } },
  });`;
const answers = `{
  create: async ({ body }) => ({ status: 201, body: { id: '1' } }),
  find: async () => ({ status: 200, body: null }),
  items: { remove: { handler: async () => ({ status: 204, body: null }) } },
}`;

function routes(main: string): string[] {
  return routesOf(scanSources({ 'src/contract.ts': contract, 'src/main.ts': main })).sort();
}

describe('routes of ts-rest', () => {
  it('are under the prefix that Fastify registers their plugin with', () => {
    expect(
      routes(`
        import fastify from 'fastify';
        import { initServer } from '@ts-rest/fastify';
        import { contract } from './contract';
        const s = initServer();
        const app = fastify();
        app.register(s.plugin(s.router(contract, ${answers})), { prefix: '/shop' });
        app.register((scope, _, done) => { s.registerRouter(contract, ${answers}, scope); done(); });
        app.listen({ port: 3000 });`),
    ).toEqual([
      'DELETE /orders/:id/items/:itemId',
      'DELETE /shop/orders/:id/items/:itemId',
      'POST /orders',
      'POST /shop/orders',
    ]);
  });

  it('serve by themselves behind the handlers of the serverless packages', () => {
    expect(
      routes(`
        import { fetchRequestHandler, tsr } from '@ts-rest/serverless/fetch';
        import { createNextHandler } from '@ts-rest/serverless/next';
        import { contract } from './contract';
        const router = tsr.router(contract, ${answers});
        export const POST = createNextHandler(contract, router, { basePath: '/api', handlerType: 'app-router' });
        export default (request) => fetchRequestHandler({ request, contract, router, options: {} });
        fetchRequestHandler({ request: null, contract, router, options: {} });`),
    ).toEqual([
      'DELETE /api/orders/:id/items/:itemId',
      'DELETE /orders/:id/items/:itemId',
      'POST /api/orders',
      'POST /orders',
    ]);
  });

  it('are those of the controllers of NestJS that answer them, with its prefixes', () => {
    const main = `
      import { Controller, Module } from '@nestjs/common';
      import { NestFactory } from '@nestjs/core';
      import { nestControllerContract, TsRest, TsRestHandler, tsRestHandler } from '@ts-rest/nest';
      import { contract } from './contract';
      const described = nestControllerContract(contract);
      @Controller()
      class Orders {
        @TsRestHandler(contract.create) create() { return tsRestHandler(contract.create, async () => ({})); }
        @TsRest(described.items.remove) remove() { return { status: 204, body: null }; }
      }
      @Controller('all')
      class All {
        @TsRestHandler(contract) answer() { return tsRestHandler(contract, ${answers}); }
      }
      @Module({ controllers: [Orders, All] })
      class App {}
      async function main() {
        const app = await NestFactory.create(App);
        app.setGlobalPrefix('api');
        await app.listen(3000);
      }
      void main();`;
    const report = scanSources({
      'package.json': JSON.stringify({ dependencies: { '@nestjs/common': '11' } }),
      'src/contract.ts': contract,
      'src/main.ts': main,
    });
    expect(routesOf(report).sort()).toEqual([
      'DELETE /api/all/orders/:id/items/:itemId',
      'DELETE /api/orders/:id/items/:itemId',
      'POST /api/all/orders',
      'POST /api/orders',
    ]);
    expect(report.frameworks).toEqual(['nestjs']);
  });

  it('are reported where the contract is out of sight', () => {
    expect(
      routes(`
        import express from 'express';
        import { createExpressEndpoints } from '@ts-rest/express';
        import { contract } from '@shop/contract';
        const app = express();
        createExpressEndpoints(contract, {}, app);`),
    ).toEqual(['src/main.ts:6 dynamic_route: contract']);
  });
});
