import { describe, expect, it } from 'vitest';
import { payloadIn } from '../helpers/payload-in.ts';

const text = { type: 'string' };
const integer = { type: 'integer' };

/** The payload's properties, for sources of which `app.ts` uses Express. */
function propertiesIn(route: string, files: Readonly<Record<string, string>> = {}): unknown {
  const app = `import express from 'express';
    const app = express();
    ${route}
    app.listen(80);`;
  return payloadIn({ 'app.ts': app, ...files }).payload?.properties;
}

describe('a schema that a package shares', () => {
  it('is read off its sources, whatever makes it there', () => {
    const found = payloadIn({
      'node_modules/acme-schemas/package.json': JSON.stringify({
        name: 'acme-schemas',
        main: 'index.js',
        dependencies: { joi: '*' },
      }),
      'node_modules/acme-schemas/index.js': `module.exports = { order: require('./order') };`,
      'node_modules/acme-schemas/order.js': `const Joi = require('joi');
        const fields = { id: Joi.number().integer(), note: Joi.string(), total: Joi.number() };
        const pick = (model, required, optional) => {
          const picked = {};
          Object.keys(model).forEach((name) => {
            if (required.indexOf(name) > -1) picked[name] = model[name].required();
            else if (optional.indexOf(name) > -1) picked[name] = model[name].optional();
          });
          return picked;
        };
        module.exports = { base: Joi.object(fields), create: Joi.object(pick(fields, ['total'], ['note'])) };`,
      'app.js': `const fastify = require('fastify');
        const schemas = require('acme-schemas');
        const app = fastify();
        app.post('/orders', { schema: { body: schemas.order.create } }, async (request, reply) => reply.code(204).send());`,
    });
    expect(found.payload).toEqual({
      type: 'object',
      properties: { note: text, total: { type: 'number' } },
      required: ['total'],
    });
  });

  it('is not looked for in packages that know no library for schemas', () => {
    const found = payloadIn({
      'node_modules/acme-tools/package.json': JSON.stringify({ name: 'acme-tools', main: 'index.js' }),
      'node_modules/acme-tools/index.js': `module.exports = { order: { type: 'object', properties: { id: { type: 'string' } } } };`,
      'app.js': `const fastify = require('fastify');
        const tools = require('acme-tools');
        const app = fastify();
        app.post('/orders', { schema: { body: tools.order } }, async (request, reply) => reply.code(204).send());`,
    });
    expect(found.payload).toBeNull();
  });
});

it('a reference within a schema is of the document that it stands in', () => {
  const found = payloadIn({
    'app.js': `const fastify = require('fastify');
      const app = fastify();
      const body = {
        type: 'object',
        properties: { from: { $ref: '#/$defs/address' }, lines: { type: 'array', items: { $ref: '#/definitions/line' } } },
        $defs: { address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
        definitions: { line: { type: 'object', properties: { sku: { type: 'string' } } } },
      };
      app.post('/orders', { schema: { body } }, async (request, reply) => reply.code(204).send());`,
  });
  expect(found.payload?.properties).toEqual({
    from: { type: 'object', properties: { city: text }, required: ['city'] },
    lines: { type: 'array', items: { type: 'object', properties: { sku: text } } },
  });
});

describe('a presenter', () => {
  const route = `import present, { presentAll } from './present';
    app.post('/orders', async (req, res) => { res.json({ data: await present({ id: 'a', note: 'b' }) }); });`;

  it('is followed where its object is filled step by step, and where it is wrapped', () => {
    const properties = propertiesIn(route, {
      'present.ts': `async function present(order: { id: string; note: string }) {
          const shown: Record<string, unknown> = { id: order.id, lines: undefined };
          if (order.note) shown.note = order.note;
          return shown;
        }
        function traced(name: { span: string }) { return <F>(inner: F): F => inner; }
        export default traced({ span: 'present' })(present);`,
    });
    expect(properties).toEqual({ id: text, note: text });
  });

  it('of many is followed through Promise.all', () => {
    const app = `import { presentAll } from './present';
      app.post('/orders/move', async (req, res) => { res.json({ id: 'a', orders: await presentAll([{ id: 'a' }]) }); });`;
    const properties = propertiesIn(app, {
      'present.ts': `async function present(order: { id: string }): Promise<Record<string, unknown>> {
          const shown: Record<string, unknown> = { id: order.id };
          return shown;
        }
        export async function presentAll(orders: { id: string }[]) { return Promise.all(orders.map((order) => present(order))); }`,
    });
    expect(properties).toMatchObject({ orders: { items: { properties: { id: text } } } });
  });
});

describe('what is read of a request', () => {
  it('is read by functions that it is handed to', () => {
    const properties = propertiesIn(`
      async function create(request, reply) { const { name } = request.body; store(name, request.body.total); reply.sendStatus(204); }
      app.post('/orders/:id/notes', async (req, res) => create(req, res));`);
    expect(Object.keys(properties ?? {})).toEqual(['id', 'name', 'total']);
  });

  it('is what the functions that it is given to say', () => {
    const properties = propertiesIn(`
      interface Line { sku: string }
      function store(name: string, line: Line, order: { total: number }) {}
      app.post('/orders', async (req, res) => {
        const { name, total } = req.body;
        store(name, req.body.line, { total });
        res.sendStatus(204);
      });`);
    expect(properties).toEqual({
      name: text,
      total: { type: 'number' },
      line: { type: 'object', properties: { sku: text }, required: ['sku'] },
    });
  });

  it('has no length', () => {
    expect(
      propertiesIn(`app.post('/orders', (req, res) => { store(req.body.length); res.sendStatus(204); });`),
    ).toBeUndefined();
  });

  it('counts for more than a check of something else', () => {
    const properties = propertiesIn(`import { z } from 'zod';
      const session = z.object({ tenant: z.string(), region: z.string() });
      function store(sku: string) {}
      app.post('/orders', async (req, res) => {
        session.parse(req);
        store(req.body.sku);
        res.sendStatus(204);
      });`);
    expect(properties).toEqual({ sku: text });
  });
});

it('a parameter of the path is as the column that it selects by', () => {
  const found = payloadIn({
    'app.js': `const express = require('express');
      const app = express();
      app.delete('/orders/:id', async (req, res) => {
        await knex('orders').where({ uuid: req.params.id }).delete();
        res.sendStatus(204);
      });
      app.listen(80);`,
    'migrations/1.js': `exports.up = (knex) => knex.schema.createTable('orders', (table) => { table.increments('id'); table.uuid('uuid'); });`,
  });
  expect(found.payload?.properties).toEqual({ id: { type: 'string', format: 'uuid' } });
});

describe('a model', () => {
  const model = `import { Model, Column, Table } from 'sequelize-typescript';
    @Table export class Order extends Model {
      @Column declare id: number;
      @Column declare note: string;
    }`;

  it('is written by what a team adds to it', () => {
    const properties = propertiesIn(
      `import { Order } from './order';
       app.post('/orders', async (req, res) => { await Order.createWithContext(req); res.json({ success: true }); });`,
      { 'order.ts': model },
    );
    expect(properties).toEqual({ id: { type: 'number' }, note: text });
  });

  it('is known of the rows that its own finders give, whatever they are called', () => {
    const found = payloadIn({
      'package.json': JSON.stringify({ name: 'orders', dependencies: { express: '*', sequelize: '*' } }),
      'models/order.js': `module.exports = (sequelize, DataTypes) =>
        sequelize.define('Order', { id: { type: DataTypes.INTEGER, allowNull: false, primaryKey: true }, note: { type: DataTypes.STRING, allowNull: false } }, { timestamps: false });`,
      'app.js': `const express = require('express');
        const app = express();
        app.put('/orders/:number', async (req, res) => {
          const found = await app.db.models.Order.byNumber(req.params.number);
          found.note = req.body.note;
          await found.save();
          res.json({ status: 'okay' });
        });
        app.listen(80);`,
    });
    expect(found).toMatchObject({
      payloadSource: 'entity',
      payload: { properties: { id: integer, note: text } },
    });
  });

  it('of more than a hundred methods has all its columns', () => {
    const methods = Array.from({ length: 130 }, (_, index) => `act${index}() {}`).join('\n');
    const properties = propertiesIn(
      `import { Order } from './order';
       app.post('/orders', async (req, res) => { res.json(await load()); });
       async function load(): Promise<Order> { throw new Error(); }`,
      { 'order.ts': `export class Order { id!: string; ${methods} note!: string; }` },
    );
    expect(Object.keys(properties ?? {})).toEqual(['id', 'note']);
  });
});

it('an intersection with one of several has what each may have', () => {
  const properties = propertiesIn(`import { z } from 'zod';
    const schema = z.intersection(
      z.object({ id: z.string() }),
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('card'), last4: z.string() }),
        z.object({ type: z.literal('transfer'), bank: z.string() }),
      ]),
    );
    app.post('/payments', (req, res) => { schema.parse(req.body); res.sendStatus(204); });`);
  expect(properties).toEqual({
    id: text,
    type: { type: 'string', enum: ['card', 'transfer'] },
    last4: text,
    bank: text,
  });
});

it('what a handler hands its whole context to sends for it', () => {
  const found = payloadIn({
    'app.ts': `import Koa from 'koa';
      import Router from '@koa/router';
      interface Context { body: unknown; request: { body: { id: string } } }
      const router = new Router();
      async function change(ctx: Context) { ctx.body = { data: { id: ctx.request.body.id, role: 'admin' } }; }
      router.post('/users.promote', (ctx: Context) => { const forward = ctx as unknown as Context; return change(forward); });
      new Koa().use(router.routes()).listen(80);`,
  });
  expect(found).toMatchObject({
    payloadSource: 'response',
    payload: { properties: { id: text, role: text } },
  });
});

it('an answer without an identifier gets the one that the body names', () => {
  const found = payloadIn({
    'app.ts': `import Fastify from 'fastify';
      const app = Fastify();
      const body = { type: 'object', properties: { id: { type: 'integer' }, to: { type: 'integer' } }, required: ['id', 'to'] };
      app.post('/orders.move', { schema: { body } }, async () => ({ position: 1 }));`,
  });
  expect(found).toMatchObject({
    payloadSource: 'response',
    payload: { properties: { id: integer, position: { type: 'number' } } },
  });
});

it('an answer that is a secret and no more gives way to the request', () => {
  const found = payloadIn({
    'app.ts': `import express from 'express';
      const app = express();
      function store(minutes: number) {}
      app.post('/orders/:id/visit', (req, res) => { store(req.body.minutes); res.json({ accessToken: String(1) }); });
      app.listen(80);`,
  });
  expect(found.payload?.properties).toEqual({ id: text, minutes: { type: 'number' } });
});
