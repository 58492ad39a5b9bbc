import 'reflect-metadata';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import { Body, Controller, Module, Post, Req, Res, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import { fastify as createFastify, type FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { webhookReceiver as expressReceiver } from '../../src/receivers/express.ts';
import { webhookReceiver as fastifyReceiver } from '../../src/receivers/fastify.ts';
import { webhookReceiver as koaReceiver } from '../../src/receivers/koa.ts';
import { webhookReceiver as nestReceiver } from '../../src/receivers/nest.ts';
import { webhookReceiver as nodeReceiver } from '../../src/receivers/node.ts';
import type { ReceiverOptions, WebhookHandler } from '../../src/receivers/receive.ts';
import { webhookReceiver as webReceiver } from '../../src/receivers/web.ts';

export const HOOK = '/hooks/shop';

/** An application that is up, with a receiver at `HOOK` and a route at `/orders` that answers with the JSON it parsed. */
export interface RunningApp {
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface Host {
  readonly name: string;
  /** @param isParsedFirst whether the body parser of the application comes before the receiver */
  start(options: ReceiverOptions, handler: WebhookHandler, isParsedFirst?: boolean): Promise<RunningApp>;
  /** What the parsers of the framework leave of a body that they read first. */
  readonly leaves: 'bytes' | 'nothing';
  /** Parsers come first, and these are the only types whose bytes they leave. */
  readonly types?: RegExp;
}

const nodeHost: Host = {
  name: 'node:http',
  leaves: 'nothing',
  start: (options, handler, isParsedFirst) => {
    const receive = nodeReceiver(options, handler);
    return listen(async (request, response) => {
      if (request.url?.startsWith(HOOK) === true) {
        if (isParsedFirst === true) for await (const _chunk of request);
        receive(request, response);
        return;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString())));
    });
  },
};

const expressHost: Host = {
  name: 'Express',
  leaves: 'nothing',
  start: (options, handler, isParsedFirst) => {
    const app = express();
    if (isParsedFirst === true) app.use(express.json());
    // Mounted, so that `url` is not what the sender asked for.
    const hooks = express.Router();
    hooks.post('/shop', expressReceiver(options, handler));
    app.use('/hooks', hooks);
    app.use(express.json());
    app.post('/orders', (request, response) => void response.json(request.body));
    return listen(app);
  },
};

const rawExpressHost: Host = {
  name: 'Express with express.raw() first',
  leaves: 'bytes',
  start: (options, handler) => {
    const app = express();
    app.post(HOOK, express.raw({ type: '*/*', limit: '10mb' }), expressReceiver(options, handler));
    app.post('/orders', express.json(), (request, response) => void response.json(request.body));
    return listen(app);
  },
};

const fastifyHost: Host = {
  name: 'Fastify',
  leaves: 'nothing',
  start: async (options, handler, isParsedFirst) => {
    const app = createFastify();
    if (isParsedFirst === true) {
      app.addHook('preParsing', async (request, _reply, payload) => {
        for await (const _chunk of request.raw);
        return payload;
      });
    }
    await app.register(fastifyReceiver(options, handler), { prefix: HOOK });
    app.post('/orders', async (request) => request.body);
    return listening(app);
  },
};

const koaHost: Host = {
  name: 'Koa',
  leaves: 'nothing',
  start: (options, handler, isParsedFirst) => {
    const app = new Koa();
    // Koa itself prints senders that go away.
    app.silent = true;
    if (isParsedFirst === true) app.use(bodyParser());
    const hooks = new Router();
    hooks.post(HOOK, koaReceiver(options, handler));
    app.use(hooks.routes()).use(bodyParser());
    const orders = new Router();
    orders.post('/orders', (context) => void (context.body = context.request.body));
    app.use(orders.routes());
    return listen(app.callback());
  },
};

const honoHost: Host = {
  name: 'Hono',
  leaves: 'nothing',
  start: (options, handler, isParsedFirst) => {
    const receive = webReceiver(options, handler);
    const app = new Hono();
    app.post(HOOK, async (c) => {
      if (isParsedFirst === true) await c.req.text();
      return receive(c.req.raw);
    });
    app.post('/orders', async (c) => c.json(await c.req.json()));
    return listen(getRequestListener(app.fetch));
  },
};

/** Route handlers of Next.js get a `Request` and return a `Response`. */
const webHost: Host = {
  name: 'Request to Response',
  leaves: 'nothing',
  start: (options, handler, isParsedFirst) => {
    const POST = webReceiver(options, handler);
    const respond = async (request: Request): Promise<Response> => {
      if (new URL(request.url).pathname !== HOOK) return Response.json(await request.json());
      if (isParsedFirst === true) await request.text();
      return POST(request);
    };
    return listen(getRequestListener(respond));
  },
};

const nestHosts: readonly Host[] = (['Express', 'Fastify'] as const).flatMap((platform): Host[] => [
  {
    name: `Nest on ${platform}, in main.ts`,
    leaves: 'nothing',
    start: async (options, handler, isParsedFirst) => {
      const app = await createNest(platform, [ordersController()]);
      if (isParsedFirst === true) app.use(express.json());
      app.use(HOOK, nestReceiver(options, handler));
      return listeningNest(app);
    },
  },
  {
    name: `Nest on ${platform}, in a controller`,
    leaves: 'bytes',
    ...(platform === 'Fastify' ? { types: /json|urlencoded/ } : {}),
    start: async (options, handler) => {
      const app = await createNest(platform, [ordersController(), hooksController(options, handler)]);
      return listeningNest(app);
    },
  },
]);

export const hosts: readonly Host[] = [
  nodeHost,
  expressHost,
  rawExpressHost,
  fastifyHost,
  koaHost,
  honoHost,
  webHost,
  ...nestHosts,
];

export function startExpress(app: express.Express): Promise<RunningApp> {
  return listen(app);
}

async function listen(listener: RequestListener): Promise<RunningApp> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return running(server, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
}

async function listening(app: FastifyInstance): Promise<RunningApp> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return running(app.server, async () => {
    app.server.closeAllConnections();
    await app.close();
  });
}

async function listeningNest(app: INestApplication): Promise<RunningApp> {
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  return running(server, async () => {
    server.closeAllConnections();
    await app.close();
  });
}

function running(server: Server, close: () => Promise<void>): RunningApp {
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, close };
}

type Class = new () => object;

async function createNest(
  platform: 'Express' | 'Fastify',
  controllers: readonly Class[],
): Promise<INestApplication> {
  class AppModule {
    readonly name = 'shop';
  }
  Module({ controllers: [...controllers] })(AppModule);
  const settings = { rawBody: true, logger: false } as const;
  if (platform === 'Fastify') return NestFactory.create(AppModule, new FastifyAdapter(), settings);
  return NestFactory.create(AppModule, new ExpressAdapter(), settings);
}

// Decorators are called as functions: their syntax is not erasable.
function ordersController(): Class {
  class OrdersController {
    create(body: unknown): unknown {
      return body;
    }
  }
  Controller('orders')(OrdersController);
  decorate(OrdersController, 'create', Post());
  Body()(OrdersController.prototype, 'create', 0);
  return OrdersController;
}

type NestArguments = Parameters<ReturnType<typeof nestReceiver>>;

function hooksController(options: ReceiverOptions, handler: WebhookHandler): Class {
  class HooksController {
    readonly receive = nestReceiver(options, handler);
    shop(...[request, response]: NestArguments): Promise<void> {
      return this.receive(request, response);
    }
  }
  Controller('hooks')(HooksController);
  decorate(HooksController, 'shop', Post('shop'));
  Req()(HooksController.prototype, 'shop', 0);
  Res()(HooksController.prototype, 'shop', 1);
  return HooksController;
}

function decorate(target: Class, method: string, decorator: MethodDecorator): void {
  const prototype = target.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  if (descriptor === undefined) throw new TypeError(`there is no method ${method}`);
  decorator(prototype, method, descriptor);
}
