import { describe, expect, it } from 'vitest';
import { payloadIn } from '../helpers/payload-in.ts';

const order = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    quantity: { type: 'integer' },
    gift: { type: 'boolean' },
    state: { type: 'string', enum: ['open', 'paid'] },
    note: { type: ['string', 'null'] },
    sentAt: { type: 'string', format: 'date-time' },
    lines: {
      type: 'array',
      items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] },
    },
  },
  required: ['name', 'quantity', 'state', 'note', 'lines'],
};

/** The same order in every library for such descriptions. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  zod: `import { z } from 'zod';
    export const schema = z.object({
      name: z.string().min(1), quantity: z.number().int(), gift: z.boolean().optional(),
      state: z.enum(['open', 'paid']), note: z.string().nullable(), sentAt: z.coerce.date().default(() => new Date()),
      lines: z.array(z.object({ sku: z.string() })),
    });`,
  'zod by parts': `import { z } from 'zod';
    const base = z.object({ name: z.string(), secretNumber: z.number(), quantity: z.int(), gift: z.boolean() });
    export const schema = base.omit({ secretNumber: true }).partial({ gift: true }).extend({
      state: z.union([z.literal('open'), z.literal('paid')]), note: z.nullable(z.string()),
      sentAt: z.optional(z.iso.datetime()), lines: z.object({ sku: z.string() }).array(),
    });`,
  joi: `import Joi from 'joi';
    export const schema = Joi.object({
      name: Joi.string().required(), quantity: Joi.number().integer().required(), gift: Joi.boolean(),
      state: Joi.string().valid('open', 'paid').required(), note: Joi.string().allow(null).required(), sentAt: Joi.date(),
      lines: Joi.array().items(Joi.object().keys({ sku: Joi.string().required() })).required(),
    });`,
  yup: `import * as yup from 'yup';
    export const schema = yup.object({
      name: yup.string().required(), quantity: yup.number().integer().required(), gift: yup.boolean(),
      state: yup.string().oneOf(['open', 'paid']).required(), note: yup.string().nullable().defined(), sentAt: yup.date(),
      lines: yup.array().of(yup.object().shape({ sku: yup.string().required() })).required(),
    });`,
  typebox: `import { Type } from '@sinclair/typebox';
    export const schema = Type.Object({
      name: Type.String(), quantity: Type.Integer(), gift: Type.Optional(Type.Boolean()),
      state: Type.Union([Type.Literal('open'), Type.Literal('paid')]), note: Type.Union([Type.String(), Type.Null()]),
      sentAt: Type.Optional(Type.String({ format: 'date-time' })), lines: Type.Array(Type.Object({ sku: Type.String() })),
    });`,
  valibot: `import * as v from 'valibot';
    export const schema = v.object({
      name: v.pipe(v.string(), v.minLength(1)), quantity: v.pipe(v.number(), v.integer()), gift: v.optional(v.boolean()),
      state: v.picklist(['open', 'paid']), note: v.nullable(v.string()), sentAt: v.optional(v.date()),
      lines: v.array(v.object({ sku: v.string() })),
    });`,
  'JSON Schema': `export const schema = {
      type: 'object', additionalProperties: false,
      required: ['name', 'quantity', 'state', 'note', 'lines'],
      properties: {
        name: { type: 'string', minLength: 1 }, quantity: { type: 'integer' }, gift: { type: 'boolean' },
        state: { enum: ['open', 'paid'] }, note: { type: 'string', nullable: true },
        sentAt: { type: 'string', format: 'date-time' },
        lines: { type: 'array', items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } } },
      },
    };`,
};

describe('the payload of a route whose body is described', () => {
  for (const [library, description] of Object.entries(DESCRIPTIONS)) {
    it(`is read off ${library}`, () => {
      const found = payloadIn({
        'schema.ts': description,
        'app.ts': `import Fastify from 'fastify';
          import { schema } from './schema';
          const app = Fastify();
          app.post('/orders', { schema: { body: schema } }, async (request, reply) => reply.code(204).send());`,
      });
      expect(found).toEqual({ payload: order, payloadSource: 'request', sensitive: [] });
    });
  }

  it('is what middleware checks, and not what it checks of other parts', () => {
    const found = payloadIn({
      'app.ts': `import express from 'express';
        import { z } from 'zod';
        const validate = (schema, part) => (req, res, next) => next();
        const app = express();
        app.post('/orders', validate(z.object({ page: z.number() }), 'query'), validate(z.object({ total: z.number() }), 'body'), (req, res) => res.json({ ok: true }));`,
    });
    expect(found.payload).toMatchObject({ properties: { total: { type: 'number' } }, required: ['total'] });
  });

  it('is made of the fields that express-validator checks', () => {
    const found = payloadIn({
      'app.js': `const express = require('express');
        const { body, param } = require('express-validator');
        const app = express();
        const rules = [body('email').isEmail(), body('age').optional().isInt(), param('id').isUUID()];
        app.post('/members', rules, async (req, res) => { res.status(204).end(); });`,
    });
    expect(found.payload).toEqual({
      type: 'object',
      properties: { email: { type: 'string', format: 'email' }, age: { type: 'integer' } },
      required: ['email'],
    });
  });

  it('is nothing that was checked by such a description elsewhere', () => {
    const found = payloadIn({
      'app.ts': `import express from 'express';
        import Joi from 'joi';
        const { value: env } = Joi.object({ PORT: Joi.number(), HOST: Joi.string() }).validate(process.env);
        const config = { port: env.PORT };
        const app = express();
        app.post('/orders/:id', async (req, res) => { await send(config.port, req.user); res.sendStatus(204); });`,
    });
    expect(found.payload?.properties).toEqual({ id: { type: 'string' } });
  });

  it('is what a description was made of at first, whatever its names stand for later', () => {
    const found = payloadIn({
      'schema.ts': `import { z } from 'zod';
        import { id } from './parts';
        const total = z.number();
        let order = z.object({ total });
        order = z.object({ id, order });
        export { order };`,
      'parts.ts': `import { z } from 'zod';\nexport const id = z.uuid();`,
      'app.ts': `import Fastify from 'fastify';
        import * as schemas from './schema';
        const app = Fastify();
        app.post('/orders', { schema: { body: schemas.order } }, async (request, reply) => reply.code(204).send());`,
    });
    expect(found.payload).toMatchObject({
      properties: {
        id: { type: 'string', format: 'uuid' },
        order: { properties: { total: { type: 'number' } } },
      },
    });
  });

  it('comes to an end where descriptions are made of each other', () => {
    const found = payloadIn({
      'order.ts': `import { z } from 'zod';
        import { lineSchema } from './line';
        export const orderSchema = z.object({ id: z.string(), line: lineSchema });`,
      'line.ts': `import { z } from 'zod';
        import { orderSchema } from './order';
        export const lineSchema = z.object({ sku: z.string(), order: orderSchema });`,
      'app.ts': `import Fastify from 'fastify';
        import { orderSchema } from './order';
        const app = Fastify();
        app.post('/orders', { schema: { body: orderSchema } }, async (request, reply) => reply.code(204).send());`,
    });
    expect(found.payload).toMatchObject({
      properties: { id: { type: 'string' }, line: { properties: { sku: { type: 'string' } } } },
    });
  });

  it('is what the handler checks itself', () => {
    const found = payloadIn({
      'app.ts': `import express from 'express';
        import { z } from 'zod';
        const app = express();
        app.post('/orders', (req, res) => {
          const rules = z.object({ total: z.number() });
          const { total } = rules.parse(req.body);
          res.json({ message: 'done' });
        });`,
    });
    expect(found.payload).toEqual({
      type: 'object',
      properties: { total: { type: 'number' } },
      required: ['total'],
    });
  });
});

describe('the payload of a route whose answer is described', () => {
  it('is the schema of its 2xx, by the names under which schemas are registered', () => {
    const found = payloadIn({
      'views.js': `module.exports = function (app) {
          app.addSchema({ $id: 'Order', type: 'object', properties: { id: { type: 'string' }, total: { type: 'number' } } });
        };`,
      'app.js': `const app = require('fastify')();
        app.put('/orders/:id', {
          schema: { response: { 200: { $ref: 'Order' }, '4xx': { type: 'object', properties: { code: { type: 'string' } } } } },
        }, async (request, reply) => { reply.send(await find(request.params.id)); });`,
    });
    expect(found).toEqual({
      payload: { type: 'object', properties: { id: { type: 'string' }, total: { type: 'number' } } },
      payloadSource: 'response',
      sensitive: [],
    });
  });

  it('is read off OpenAPI routes and drizzle tables', () => {
    const found = payloadIn({
      'app.ts': `import { OpenAPIHono, createRoute } from '@hono/zod-openapi';
        import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
        import { createSelectSchema } from 'drizzle-zod';
        const orders = pgTable('orders', {
          id: integer().primaryKey(), state: text({ enum: ['open', 'paid'] }).notNull(), note: text(), paidAt: timestamp(),
        });
        const route = createRoute({
          method: 'post', path: '/orders',
          responses: { 201: { content: { 'application/json': { schema: createSelectSchema(orders).omit({ note: true }) } } } },
        });
        const app = new OpenAPIHono();
        app.openapi(route, (c) => c.json(make(c), 201));
        export default app;`,
    });
    expect(found.payload).toEqual({
      type: 'object',
      properties: {
        id: { type: 'integer' },
        state: { type: 'string', enum: ['open', 'paid'] },
        paidAt: { type: ['string', 'null'], format: 'date-time' },
      },
      required: ['id', 'state', 'paidAt'],
    });
  });

  it('is passed over where it says no more than that it went well', () => {
    const found = payloadIn({
      'app.ts': `import Fastify from 'fastify';
        import { Type } from 'typebox';
        const app = Fastify();
        app.post('/orders', { schema: {
          body: Type.Object({ total: Type.Number() }),
          response: { 200: Type.Object({ success: Type.Boolean(), message: Type.String() }) },
        } }, async () => ({ success: true, message: 'created' }));`,
    });
    expect(found).toMatchObject({
      payloadSource: 'request',
      payload: { properties: { total: { type: 'number' } } },
    });
  });
});

describe('a body that the handler checks itself', () => {
  it.each([
    ['awaited', 'const data = schema.safeParse(await request.json());'],
    ['in a callback', 'const data = await request.json().then((given) => schema.safeParse(given));'],
  ])('is what the schema says, %s', (_, check) => {
    const found = payloadIn({
      'package.json': JSON.stringify({ devDependencies: { '@sveltejs/kit': '*' } }),
      'src/routes/claims/[id]/+server.ts': `import { z } from 'zod';
        export const PATCH = async ({ request, params }) => {
          const schema = z.object({ purchased: z.boolean() });
          ${check}
          return new Response(null, { status: 204 });
        };`,
    });
    expect(found).toMatchObject({
      payloadSource: 'request',
      payload: { properties: { id: { type: 'string' }, purchased: { type: 'boolean' } } },
    });
    expect(found.payload?.properties).not.toHaveProperty('then');
  });

  const both = [
    "z.object({ email: z.string(), how: z.enum(['link', 'mail']) })",
    "z.object({ how: z.enum(['link']) })",
  ];
  it.each([
    `let schema; if (withMail()) { schema = ${both[0]}; } else { schema = ${both[1]}; }`,
    `const schema = withMail() ? ${both[0]} : ${both[1]};`,
  ])('is what the first of several schemas says: %s', (choice) => {
    const found = payloadIn({
      'app.ts': `import express from 'express'; import { z } from 'zod';
        const app = express();
        app.post('/invitations', (req, res) => { ${choice} schema.parse(req.body); res.status(204).end(); });`,
    });
    expect(found.payload?.properties).toMatchObject({ email: { type: 'string' }, how: { type: 'string' } });
  });
});
