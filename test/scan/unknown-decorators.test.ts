import { expect, test } from 'vitest';
import { routesOf, scanSources } from '../helpers/scan-sources.ts';

const controller = (from: string): string => `
  import { Controller, Get, Post } from '${from}';
  @Controller('/policies')
  export class Policies {
    @Get('/')
    list() {}
    @Post('/')
    add() {}
  }`;

test('a route that a package unknown to us makes of a method is named, with its place', () => {
  const found = scanSources({
    'src/policies.ts': controller('@acme/koa-inversify'),
    'src/notes.ts': `
      import { post, requestBody } from '@loopback/rest';
      export class NoteController {
        @post('/notes')
        async create(@requestBody() note: object) {}
      }`,
  });
  expect(routesOf(found)).toEqual([
    'src/notes.ts:4 unknown_decorator: @post of @loopback/rest',
    'src/policies.ts:7 unknown_decorator: @Post of @acme/koa-inversify',
  ]);
});

test('decorators of clients, of known frameworks and of the project itself are not', () => {
  const found = scanSources({
    'src/client.ts': `
      import { Post, BasePath } from 'ts-retrofit';
      @BasePath('/api')
      export class OrdersService {
        @Post('/orders')
        create() {}
      }`,
    'src/orders.ts': controller('@nestjs/common'),
    'src/items.ts': controller('@nestjs/common/decorators'),
    'src/own.ts': controller('./decorators'),
    'src/decorators.ts': `
      export const Controller = (path: string) => (target: unknown) => {};
      export const Get = (path: string) => (target: unknown, key: string) => {};
      export const Post = Get;`,
  });
  expect(found.unresolved).toEqual([]);
});
