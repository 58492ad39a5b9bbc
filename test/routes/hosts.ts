import 'reflect-metadata';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { server as createHapi } from '@hapi/hapi';
import { getRequestListener } from '@hono/node-server';
import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import { Body, Controller, Get, Inject, Module, Post, type INestApplication } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import { fastify as createFastify } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import type { EventRoutes } from '../../src/kernel/event-routes.ts';
import { expressRoutes } from '../../src/routes/express.ts';
import { fastifyRoutes } from '../../src/routes/fastify.ts';
import { hapiRoutes } from '../../src/routes/hapi.ts';
import { honoRoutes } from '../../src/routes/hono.ts';
import { koaRoutes } from '../../src/routes/koa.ts';
import { mountOnNest } from '../../src/routes/nest.ts';
import { nodeRoutes } from '../../src/routes/node.ts';

/**
 * An application that is up: `POST /orders` answers with the JSON that the framework has parsed, `GET /events/upcoming`
 * with its name, and `x-shop: open` is what a middleware of it sets on every answer.
 */
export interface RunningApp {
  readonly origin: string;
  /** As the application closes itself, with whatever is connected. */
  close(): Promise<void>;
}

export interface Host {
  readonly name: string;
  /** A parser reads bodies before us, and answers those that are no JSON itself. */
  readonly isParsedFirst?: true;
  /** Hooks that set headers come too late for what is written past the framework. */
  readonly hasBareStream?: true;
  /** @param prefix under which they are mounted, where the framework knows such a thing */
  start(routes: EventRoutes, prefix: string): Promise<RunningApp>;
}

const UPCOMING = '"upcoming"';

const nodeHost: Host = {
  name: 'node:http',
  start: (routes) => {
    const eventRoutes = nodeRoutes(routes);
    return listen(routes, async (request, response) => {
      response.setHeader('x-shop', 'open');
      if (eventRoutes(request, response)) return;
      if (request.url === '/events/upcoming') return void response.end(UPCOMING);
      if (request.url !== '/orders') return void response.writeHead(404).end('no such page');
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString())));
    });
  },
};

const expressHosts = ([false, true] as const).map((isParsedFirst): Host => ({
  name: isParsedFirst ? 'Express, after express.json()' : 'Express',
  ...(isParsedFirst ? { isParsedFirst } : {}),
  start: (routes, prefix) => {
    const app = express();
    app.use((_request, response, next) => {
      response.setHeader('x-shop', 'open');
      next();
    });
    if (isParsedFirst) app.use(express.json());
    if (prefix === '') app.use(expressRoutes(routes));
    else app.use(prefix, express.Router().use(expressRoutes(routes)));
    app.use(express.json());
    app.post('/orders', (request, response) => void response.json(request.body));
    app.get('/events/upcoming', (_request, response) => void response.send(UPCOMING));
    return listen(routes, app);
  },
}));

const fastifyHost: Host = {
  name: 'Fastify',
  start: async (routes, prefix) => {
    const app = createFastify();
    app.addHook('onRequest', async (_request, reply) => void reply.header('x-shop', 'open'));
    await app.register(fastifyRoutes(routes), { prefix });
    app.post('/orders', async (request) => request.body);
    app.get('/events/upcoming', async () => UPCOMING);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return running(app.server, async () => {
      await app.close();
    });
  },
};

const koaHosts = ([false, true] as const).map((isParsedFirst): Host => ({
  name: isParsedFirst ? 'Koa, after bodyParser()' : 'Koa',
  ...(isParsedFirst ? { isParsedFirst } : {}),
  start: (routes) => {
    const app = new Koa();
    // Koa itself prints requests that its parser refuses.
    app.silent = true;
    app.use((context, next) => {
      context.set('x-shop', 'open');
      return next();
    });
    if (isParsedFirst) app.use(bodyParser());
    app.use(koaRoutes(routes)).use(bodyParser());
    const router = new Router();
    router.post('/orders', (context) => void (context.body = context.request.body));
    router.get('/events/upcoming', (context) => void (context.body = UPCOMING));
    app.use(router.routes());
    return listen(routes, app.callback());
  },
}));

function honoApp(routes: EventRoutes, isReadFirst: boolean): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    context.header('x-shop', 'open');
    if (isReadFirst && context.req.method !== 'GET') await context.req.text();
    return next();
  });
  return addShop(app, routes);
}

function addShop(app: Hono, routes: EventRoutes): Hono {
  app.use(honoRoutes(routes));
  app.post('/orders', async (context) => context.json(await context.req.json()));
  app.get('/events/upcoming', (context) => context.text(UPCOMING));
  return app;
}

const honoHosts: readonly Host[] = [
  {
    name: 'Hono on node-server',
    start: (routes) => listen(routes, getRequestListener(honoApp(routes, false).fetch)),
  },
  {
    name: 'Hono without other middleware',
    start: (routes) => {
      const app = addShop(new Hono(), routes);
      const listener = getRequestListener(app.fetch);
      return listen(routes, (request, response) => {
        response.setHeader('x-shop', 'open');
        return listener(request, response);
      });
    },
  },
  {
    name: 'Hono, after middleware that has read the body',
    start: (routes) => listen(routes, getRequestListener(honoApp(routes, true).fetch)),
  },
  {
    name: 'Hono where there is no Node.js response',
    start: (routes) => {
      const app = honoApp(routes, false);
      return listen(
        routes,
        getRequestListener((request) => app.fetch(request)),
      );
    },
  },
];

/** As Next.js calls its route files: the most specific path first, a `Request` in and a `Response` out. */
const requestHost: Host = {
  name: 'Request to Response, as in Next.js',
  start: (routes) => {
    const respond = (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (pathname === '/orders') return request.json().then((order) => Response.json(order));
      if (pathname === '/events/upcoming') return Promise.resolve(new Response(UPCOMING));
      if (routes.owns(pathname)) return routes.handle(request);
      return Promise.resolve(new Response('no such page', { status: 404 }));
    };
    const listener = getRequestListener(async (request) => {
      const { body, status, headers } = await respond(request);
      return new Response(body, { status, headers: [...headers, ['x-shop', 'open']] });
    });
    return listen(routes, listener);
  },
};

const hapiHost: Host = {
  name: 'hapi',
  hasBareStream: true,
  start: async (routes, prefix) => {
    const server = createHapi({ port: 0, host: '127.0.0.1' });
    // A default that keeps everybody out.
    server.auth.scheme('nobody', () => ({
      authenticate: () => {
        throw new Error('nobody gets in');
      },
    }));
    server.auth.strategy('nobody', 'nobody');
    server.auth.default('nobody');
    server.ext('onPreResponse', ({ response }, h) => {
      if ('header' in response) response.header('x-shop', 'open');
      return h.continue;
    });
    await server.register(hapiRoutes(routes), prefix === '' ? {} : { routes: { prefix } });
    const options = { auth: false } as const;
    server.route({ method: 'POST', path: '/orders', options, handler: ({ payload }) => payload as object });
    server.route({ method: 'GET', path: '/events/upcoming', options, handler: () => UPCOMING });
    await server.start();
    return running(server.listener as Server, () => server.stop({ timeout: 60_000 }));
  },
};

const nestHosts = (['Express', 'Fastify'] as const).map((platform): Host => ({
  name: `Nest on ${platform}`,
  ...(platform === 'Express' ? { isParsedFirst: true } : {}),
  start: async (routes) => {
    const app = await createNest(platform, routes);
    await app.listen(0, '127.0.0.1');
    return running(app.getHttpServer() as Server, () => app.close());
  },
}));

export const hosts: readonly Host[] = [
  nodeHost,
  ...expressHosts,
  fastifyHost,
  ...nestHosts,
  ...koaHosts,
  ...honoHosts,
  requestHost,
  hapiHost,
];

async function listen(routes: EventRoutes, listener: RequestListener): Promise<RunningApp> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return running(server, () => {
    // As `events.stop()` does in the shutdown of an application.
    routes.close();
    return new Promise((resolve) => server.close(() => resolve()));
  });
}

function running(server: Server, close: () => Promise<void>): RunningApp {
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close };
}

type Class = new (...args: never) => object;

// Decorators are called as functions: their syntax is not erasable.
async function createNest(platform: 'Express' | 'Fastify', routes: EventRoutes): Promise<INestApplication> {
  class EventsModule {
    private readonly adapterHost: HttpAdapterHost;
    constructor(adapterHost: HttpAdapterHost) {
      this.adapterHost = adapterHost;
    }
    configure(): void {
      mountOnNest(this.adapterHost.httpAdapter, routes);
    }
    beforeApplicationShutdown(): void {
      routes.close();
    }
  }
  Inject(HttpAdapterHost)(EventsModule, undefined, 0);
  Module({})(EventsModule);

  class ShopController {
    create(body: unknown): unknown {
      return body;
    }
    upcoming(): string {
      return UPCOMING;
    }
  }
  Controller()(ShopController);
  decorate(ShopController, 'create', Post('orders'));
  decorate(ShopController, 'upcoming', Get('events/upcoming'));
  Body()(ShopController.prototype, 'create', 0);

  class AppModule {
    readonly name = 'shop';
  }
  Module({ imports: [EventsModule], controllers: [ShopController] })(AppModule);
  const settings = { logger: false } as const;
  if (platform === 'Fastify') {
    const adapter = new FastifyAdapter();
    const app = await NestFactory.create(AppModule, adapter, settings);
    adapter.getInstance().addHook('onRequest', async (_request, reply) => {
      reply.header('x-shop', 'open');
    });
    return app;
  }
  const app = await NestFactory.create(AppModule, new ExpressAdapter(), settings);
  app.use(((_request, response, next) => {
    response.setHeader('x-shop', 'open');
    next();
  }) satisfies express.RequestHandler);
  return app;
}

function decorate(target: Class, method: string, decorator: MethodDecorator): void {
  const prototype = target.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  if (descriptor === undefined) throw new TypeError(`there is no method ${method}`);
  decorator(prototype, method, descriptor);
}
