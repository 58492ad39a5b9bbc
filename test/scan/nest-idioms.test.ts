import { describe, expect, it } from 'vitest';
import { scanProject } from '../../src/scan/scan.ts';
import { folderWith } from '../helpers/write-files.ts';

const scanSources = (files: Readonly<Record<string, string>>): string[] =>
  scanProject(folderWith({ 'package.json': {}, ...files })).mutations.map(
    ({ method, path, partial }) => `${method} ${path}${partial ? ' (partial)' : ''}`,
  );

const MODULE = (controllers: string): string =>
  `import { Module } from '@nestjs/common';
   import { ${controllers} } from './controllers';
   @Module({ controllers: [${controllers}] })
   export class ShopModule {}`;

const main = (setup = ''): string =>
  `import { NestFactory } from '@nestjs/core';
   import { VersioningType, VERSION_NEUTRAL, RequestMethod } from '@nestjs/common';
   import { ConfigService } from '@nestjs/config';
   import { ShopModule } from './shop.module';
   async function start() {
     const app = await NestFactory.create(ShopModule);
     ${setup}
     await app.listen(3000);
   }
   start();`;

const shop = (controllers: string, names: string, setup = ''): string[] =>
  scanSources({
    'src/main.ts': main(setup),
    'src/shop.module.ts': MODULE(names),
    'src/controllers.ts': `import * as nest from '@nestjs/common';
      import { All, Controller, Delete, Patch, Post, Put, Version, VERSION_NEUTRAL, applyDecorators, HttpCode } from '@nestjs/common';
      ${controllers}`,
  });

describe('decorators of Nest', () => {
  it('are found inside those of the project', () => {
    const found = shop(
      `const Creates = (path: string) => applyDecorators(HttpCode(201), Post(path));
       function Removes(path: string): MethodDecorator {
         return (target, key, descriptor) => {
           HttpCode(204)(target, key, descriptor);
           Delete(path)(target, key, descriptor);
         };
       }
       const Area = (path: string) => applyDecorators(Controller({ path: \`area/\${path}\` }));
       const verbs = { change: nest.Patch };
       @Area('orders')
       export class Orders {
         @Creates('new') create() {}
         @Removes(':id') remove() {}
         @verbs.change(':id') change() {}
       }`,
      'Orders',
    );
    expect(found).toEqual(['DELETE /area/orders/:id', 'PATCH /area/orders/:id', 'POST /area/orders/new']);
  });

  it('take paths from constants, enums, statics and lists', () => {
    const found = shop(
      `enum Routes { Orders = 'orders', Ship = 'ship' }
       const ROUTES = { items: { root: 'items', one: ':itemId' } } as const;
       class Paths { static readonly prefix = 'staff'; static readonly hold = \`\${Paths.prefix}/hold\`; }
       @Controller([Routes.Orders, 'purchases'])
       export class Orders {
         @Post([':id/' + Routes.Ship, ':id/send']) ship() {}
         @Put(Paths.hold) hold() {}
         @Delete([ROUTES.items.root, ROUTES.items.one].join('/')) drop() {}
       }`,
      'Orders',
    );
    expect(found).toEqual([
      'POST /orders/:id/send',
      'POST /orders/:id/ship',
      'DELETE /orders/items/:itemId',
      'PUT /orders/staff/hold',
      'POST /purchases/:id/send',
      'POST /purchases/:id/ship',
      'DELETE /purchases/items/:itemId',
      'PUT /purchases/staff/hold',
    ]);
  });

  it('leave out what is not HTTP', () => {
    const found = shop(
      `import { MessagePattern, EventPattern } from '@nestjs/microservices';
       import { Mutation } from '@nestjs/graphql';
       @Controller('orders')
       export class Orders {
         @MessagePattern('orders.create') create() {}
         @EventPattern('orders.created') created() {}
         @Mutation() change() {}
         @Post() add() {}
       }`,
      'Orders',
    );
    expect(found).toEqual(['POST /orders']);
  });
});

describe('versions of Nest', () => {
  const versioned = `
    @Controller({ path: 'orders', version: ['1', '2'] })
    export class Orders {
      @Post() create() {}
      @Version(['3', VERSION_NEUTRAL]) @Put(':id') change() {}
    }
    @Controller('ping')
    export class Ping { @Post() ping() {} }`;

  it('stand in the path by default, each with the prefix of its own', () => {
    const setup = `app.setGlobalPrefix('api'); app.enableVersioning({ type: VersioningType.URI, prefix: 'ver', defaultVersion: ['4', VERSION_NEUTRAL] });`;
    expect(shop(versioned, 'Orders, Ping', setup)).toEqual([
      'PUT /api/orders/:id',
      'POST /api/ping',
      'POST /api/ver1/orders',
      'POST /api/ver2/orders',
      'PUT /api/ver3/orders/:id',
      'POST /api/ver4/ping',
    ]);
  });

  it.each(['HEADER', 'MEDIA_TYPE', 'CUSTOM'])('stand elsewhere with %s', (type) => {
    const setup = `app.enableVersioning({ type: VersioningType.${type}, defaultVersion: '1' });`;
    expect(shop(versioned, 'Orders, Ping', setup)).toEqual(['POST /orders', 'PUT /orders/:id', 'POST /ping']);
  });

  it('have a prefix that the environment may put something before', () => {
    const setup = `const base = process.env.BASE ?? ''; app.enableVersioning({ type: VersioningType.URI, prefix: \`\${base}v\`, defaultVersion: '1' });`;
    expect(shop(versioned, 'Ping', setup)).toContain('POST /v1/ping');
  });

  it('make the path partial where their prefix is unknown', () => {
    const setup = `app.enableVersioning({ type: VersioningType.URI, prefix: readPrefix(), defaultVersion: '1' });`;
    expect(shop(versioned, 'Ping', setup)).toContain('POST /{readPrefix}1/ping (partial)');
  });
});

describe('the global prefix of Nest', () => {
  const controllers = `
    @Controller('orders') export class Orders { @Post() create() {} @Put() replace() {} }
    @Controller('hooks') export class Hooks { @Post('carrier/:name') carrier() {} @Post('bank') bank() {} }`;

  it.each([
    [
      "['hooks/*path']",
      ['POST /api/orders', 'PUT /api/orders', 'POST /hooks/bank', 'POST /hooks/carrier/:name'],
    ],
    [
      "['hooks/(.*)']",
      ['POST /api/orders', 'PUT /api/orders', 'POST /hooks/bank', 'POST /hooks/carrier/:name'],
    ],
    [
      "[{ path: 'orders', method: RequestMethod.POST }]",
      ['POST /api/hooks/bank', 'POST /api/hooks/carrier/:name', 'PUT /api/orders', 'POST /orders'],
    ],
    [
      "[{ path: 'hooks/carrier/:which', method: RequestMethod.ALL }]",
      ['POST /api/hooks/bank', 'POST /api/orders', 'PUT /api/orders', 'POST /hooks/carrier/:name'],
    ],
  ])('leaves out %s', (exclude, expected) => {
    expect(
      shop(controllers, 'Orders, Hooks', `app.setGlobalPrefix('/api/', { exclude: ${exclude} });`),
    ).toEqual(expected);
  });

  it.each([
    "app.get(ConfigService).get('PREFIX', 'api')",
    "app.get(ConfigService).get<string>('PREFIX') ?? 'api'",
    "app.get(ConfigService).get('PREFIX') || 'api'",
    "process.env.PREFIX || 'api'",
    "process.env.BASE ? `${process.env.BASE}/api` : 'api'",
    '(() => { let base = "api"; if (process.env.BASE) base += process.env.BASE; return base; })()',
    '(() => { let base = "api"; if (process.env.BASE) { base = process.env.BASE; } return base; })()',
    "(typeof process === 'object' ? process.env : window.env).PREFIX ?? 'api'",
  ])('is the default that %s gives', (prefix) => {
    expect(shop(controllers, 'Orders', `app.setGlobalPrefix(${prefix});`)).toContain('POST /api/orders');
  });
});

describe('settings of Nest', () => {
  it.each([
    ["load: [() => ({ http: { prefix: 'api' } })]", 'http.prefix'],
    ["load: [() => ({ prefix: process.env.PREFIX ?? 'api' })]", 'prefix'],
    ["load: [() => ({ prefix: process.env.PREFIX || 'api' })], isGlobal: true", 'prefix'],
    ["validationSchema: Joi.object({ PREFIX: Joi.string().default('api') })", 'PREFIX'],
  ])('come from ConfigModule.forRoot({ %s })', (options, key) => {
    const found = scanSources({
      'src/main.ts': main(`app.setGlobalPrefix(app.get(ConfigService).get('${key}'));`),
      'src/shop.module.ts': `import { Controller, Module, Post } from '@nestjs/common';
        import { ConfigModule } from '@nestjs/config';
        import Joi from 'joi';
        @Controller('orders') class Orders { @Post() create() {} }
        @Module({ imports: [ConfigModule.forRoot({ ${options} })], controllers: [Orders] })
        export class ShopModule {}`,
    });
    expect(found).toEqual(['POST /api/orders']);
  });
});

describe('controllers of Nest', () => {
  it('have the routes of their bases, of mixins and of factories', () => {
    const found = shop(
      `abstract class Removable { @Delete(':id') remove() {} @Post('purge') purge() {} }
       function CrudController<T>(entity: new () => T, plural: string) {
         @Controller(plural)
         abstract class Crud extends Removable { @Post() create(body: T) {} @Put(':id') replace() {} purge() {} }
         return Crud;
       }
       class Order {}
       @Controller('orders')
       export class Orders extends CrudController(Order, 'never') { override create() {} @Patch(':id') change() {} }
       export class Items extends CrudController(Order, 'items') {}`,
      'Orders, Items',
    );
    expect(found).toEqual([
      'POST /items',
      'DELETE /items/:id',
      'PUT /items/:id',
      'DELETE /orders/:id',
      'PATCH /orders/:id',
      'PUT /orders/:id',
    ]);
  });

  it('have the routes that @Crud makes', () => {
    const found = shop(
      `import { Crud, Override } from '@nestjsx/crud';
       class Order {}
       @Crud({ model: { type: Order }, query: { softDelete: true }, routes: { exclude: ['createManyBase'] } })
       @Controller('orders')
       export class Orders { @Override('deleteOneBase') cancel() {} @Post(':id/ship') ship() {} }
       @Crud({
         model: { type: Order },
         params: { orderId: { field: 'orderId' }, number: { field: 'number', primary: true } },
         routes: { only: ['createOneBase', 'replaceOneBase', 'getManyBase'] },
       })
       @Controller('orders/:orderId/items')
       export class Items {}`,
      'Orders, Items',
    );
    expect(found).toEqual([
      'POST /orders',
      'DELETE /orders/:id',
      'PATCH /orders/:id',
      'PUT /orders/:id',
      'PATCH /orders/:id/recover',
      'POST /orders/:id/ship',
      'POST /orders/:orderId/items',
      'PUT /orders/:orderId/items/:number',
    ]);
  });

  it('stand under the paths that RouterModule gives to their modules', () => {
    const found = scanSources({
      'src/main.ts': main(`app.setGlobalPrefix('api');`),
      'src/shop.module.ts': `
        import { Module } from '@nestjs/common';
        import { RouterModule, type Routes } from '@nestjs/core';
        import { Controller, Post } from '@nestjs/common';
        @Controller('orders') class Orders { @Post() create() {} }
        @Controller('refunds') class Refunds { @Post() create() {} }
        @Controller() class Audit { @Post('audit') add() {} }
        @Module({ controllers: [Orders] }) class OrdersModule {}
        @Module({ controllers: [Refunds] }) class RefundsModule {}
        @Module({ controllers: [Audit] }) class AuditModule {}
        const routes: Routes = [{ path: 'staff', module: OrdersModule, children: [
          { path: '/money', module: RefundsModule }, AuditModule,
        ] }];
        @Module({ imports: [OrdersModule, RefundsModule, AuditModule, RouterModule.register(routes)] })
        export class ShopModule {}`,
    });
    expect(found).toEqual([
      'POST /api/staff/audit',
      'POST /api/staff/money/refunds',
      'POST /api/staff/orders',
    ]);
  });
});

describe('applications of Nest', () => {
  it('serve the controllers that their module leads to', () => {
    const application = (name: string, prefix: string): Record<string, string> => ({
      [`apps/${name}/src/main.ts`]: `import { NestFactory } from '@nestjs/core';
        import { AppModule } from './app.module';
        async function start() {
          const app = await NestFactory.create(AppModule);
          app.setGlobalPrefix('${prefix}');
          await app.listen(3000);
        }
        start();`,
      [`apps/${name}/src/app.module.ts`]: `import { Controller, Module, Post } from '@nestjs/common';
        import { SharedModule } from '../../../libs/shared.module';
        @Controller('${name}') class Own { @Post() create() {} }
        @Module({ imports: [SharedModule.forRoot()], controllers: [Own] }) export class AppModule {}`,
      [`apps/${name}/src/forgotten.ts`]: `import { Controller, Post } from '@nestjs/common';
        @Controller('${name}-plugin') export class Plugin { @Post() create() {} }`,
    });
    const found = scanSources({
      ...application('admin', 'admin-api'),
      ...application('store', 'store-api'),
      'libs/shared.module.ts': `import { Controller, Module, Post } from '@nestjs/common';
        @Controller('health') class Health { @Post() check() {} }
        @Module({}) export class SharedModule {
          static forRoot() { return { module: SharedModule, controllers: [Health] }; }
        }`,
    });
    expect(found).toEqual([
      'POST /admin-api/admin',
      'POST /admin-api/admin-plugin',
      'POST /admin-api/health',
      'POST /store-api/health',
      'POST /store-api/store',
      'POST /store-api/store-plugin',
    ]);
  });

  it('that never listen add nothing to one that does', () => {
    const found = scanSources({
      'src/main.ts': main(`app.setGlobalPrefix('api');`),
      'scripts/migrate.ts': `import { NestFactory } from '@nestjs/core';
        import { ShopModule } from '../src/shop.module';
        async function migrate() {
          const app = await NestFactory.create(ShopModule);
          await app.init();
          await app.close();
        }
        migrate();`,
      'src/shop.module.ts': `import { Controller, Module, Post } from '@nestjs/common';
        @Controller('orders') class Orders { @Post() create() {} }
        @Module({ controllers: [Orders] }) export class ShopModule {}`,
    });
    expect(found).toEqual(['POST /api/orders']);
  });
});
