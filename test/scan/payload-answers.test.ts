import { describe, expect, it } from 'vitest';
import { identified, isIdentifier, isTelling, unwrapped } from '../../src/scan/answers.ts';
import { withoutRelations } from '../../src/scan/relations.ts';
import type { JsonSchema } from '../../src/scan/report.ts';
import { objectSchema } from '../../src/scan/schemas.ts';
import { payloadIn } from '../helpers/payload-in.ts';

const text: JsonSchema = { type: 'string' };
const order = objectSchema({ id: text, total: { type: 'number' } });

describe('an answer', () => {
  it('is taken out of its envelope', () => {
    expect(unwrapped(objectSchema({ data: order }))).toEqual(order);
    expect(unwrapped(objectSchema({ success: { type: 'boolean' }, order }))).toEqual(order);
    expect(unwrapped(objectSchema({ status: text, data: objectSchema({ order }) }))).toEqual(order);
    expect(unwrapped(objectSchema({ data: order, policies: { type: 'array' } }))).toEqual(order);
    expect(unwrapped({ anyOf: [objectSchema({ data: order }), { type: 'null' }] })).toEqual(order);
    expect(unwrapped(objectSchema({ isSuccess: text, isError: text, data: order, message: text }))).toEqual(
      order,
    );
    const perhaps: JsonSchema = { ...order, type: ['object', 'null'] };
    expect(unwrapped(perhaps)).toEqual(order);
    expect(unwrapped(objectSchema({ data: perhaps }))).toEqual(order);
  });

  it('stays whole where it is more than an envelope', () => {
    const both = objectSchema({ order, invoice: order });
    expect(unwrapped(both)).toEqual(both);
    expect(unwrapped(order)).toEqual(order);
  });

  it('tells nothing where it only says that it went well', () => {
    for (const name of ['success', 'message', 'response', 'status', 'affected', 'deletedCount', 'total']) {
      expect(isTelling(objectSchema({ [name]: text }))).toBe(false);
    }
    expect(isTelling(objectSchema({ success: text, error: text }))).toBe(false);
    expect(isTelling(objectSchema({ order: {} }))).toBe(false);
    expect(isTelling(objectSchema({ data: { type: 'object' }, policies: { type: 'array' } }))).toBe(false);
    expect(isTelling(order)).toBe(true);
  });

  it('gets the parameters of the path where it does not say which one it is about', () => {
    expect(isIdentifier(objectSchema({ orderId: text }))).toBe(true);
    expect(isIdentifier(order)).toBe(false);
    const parameters = objectSchema({ orderId: text });
    expect(identified(order, parameters)).toEqual(order);
    expect(identified(objectSchema({ total: text }), parameters)).toEqual(
      objectSchema({ orderId: text, total: text }),
    );
  });
});

describe('a row that is written', () => {
  const row = objectSchema({ id: text, createdAt: text });

  it('leaves out the rows that it belongs to and those that it has', () => {
    const address = objectSchema({ street: text });
    const columns = { id: text, shopId: text, address, tags: { type: 'array', items: text } } as const;
    const related = {
      shop: { anyOf: [row, { type: 'null' }] },
      lines: { type: 'array', items: row },
    } as const;
    expect(withoutRelations(objectSchema({ ...columns, ...related }))).toEqual(objectSchema(columns));
  });

  it('stays as it is where there is nothing else', () => {
    const list = objectSchema({ lines: { type: 'array', items: row } });
    expect(withoutRelations(list)).toEqual(list);
  });
});

describe('a handler that answers with little', () => {
  it('gives the identifier beside what was asked', () => {
    const found = payloadIn({
      'app.ts': `import express from 'express';
        const app = express();
        app.post('/orders', async (req, res) => {
          const { total, note = '' } = req.body;
          res.status(201).json({ id: String(1) });
        });`,
    });
    expect(found.payload?.properties).toEqual({ total: {}, note: text, id: text });
  });

  it('gives the parameters of the path of what it deletes', () => {
    const found = payloadIn({
      'app.ts': `import express from 'express';
        const app = express();
        app.delete('/shops/:shopId/orders/:id', async (req, res) => { await gone(req.params.id); res.status(204).end(); });`,
    });
    expect(found).toEqual({
      payload: { type: 'object', properties: { shopId: text, id: text }, required: ['shopId', 'id'] },
      payloadSource: 'request',
      sensitive: [],
    });
  });

  it('gives what it reads of the query where the path names nothing', () => {
    const express = payloadIn({
      'app.ts': `import express from 'express';
        const app = express();
        app.delete('/orders', async (req, res) => { const { ids } = req.query; await gone(ids, req.query.shop); res.status(204).end(); });`,
    });
    expect(express.payload).toEqual({ type: 'object', properties: { ids: {}, shop: {} } });
    const hono = payloadIn({
      'app.ts': `import { Hono } from 'hono';
        const app = new Hono();
        app.delete('/orders', async (c) => { await gone(c.req.query('id')); return c.body(null, 204); });
        export default app;`,
    });
    expect(hono.payload).toEqual({ type: 'object', properties: { id: text } });
  });

  it('gives them before a list of what is left', () => {
    const found = payloadIn({
      'app.ts': `import express from 'express';
        const app = express();
        app.delete('/orders/:id', async (req, res) => { const left: { sku: string }[] = []; res.json(left); });`,
    });
    expect(found.payload).toEqual({ type: 'object', properties: { id: text }, required: ['id'] });
  });

  it('gives the fields that decorators and functions of the project read', () => {
    const decorated = payloadIn({
      'app.controller.ts': `import { Body, Controller, Put } from '@nestjs/common';
        @Controller('profile') export class ProfileController {
          @Put() async update(@Body('displayName') name: string): Promise<void> { await this.users.rename(name); }
        }`,
    });
    expect(decorated.payload).toEqual({
      type: 'object',
      properties: { displayName: text },
      required: ['displayName'],
    });
    const passed = payloadIn({
      'orders.js': 'exports.create = async ({ total, gift = false }) => {};',
      'app.js': `const app = require('express')();
        const orders = require('./orders');
        app.post('/orders', async (req, res) => { await orders.create(req.body); res.sendStatus(201); });`,
    });
    expect(passed.payload).toEqual({ type: 'object', properties: { total: {}, gift: { type: 'boolean' } } });
  });
});

describe('a handler that lets a function of the project answer', () => {
  const helpers = `
    export const sendSuccess = (res, status, data) => res.status(status).json({ success: true, data });
    export const sendError = (res, status, reason) => res.status(status).json({ reason, retry: true });
    export const created = (c, data) => c.json({ data }, 201);
    export const refuse = (c, field) => c.json({ field, retry: true }, 422);`;
  const sent = {
    type: 'object',
    properties: { id: text, gift: { type: 'boolean' } },
    required: ['id', 'gift'],
  };

  it('gives what that sends of what it is given', () => {
    const found = payloadIn({
      'answers.ts': helpers,
      'app.ts': `import express from 'express';
        import { sendError, sendSuccess } from './answers';
        const app = express();
        app.post('/orders', async (req, res) => {
          if (!req.body.total) return sendError(res, 400, 'total');
          return sendSuccess(res, 201, { id: String(1), gift: false });
        });`,
    });
    expect(found).toEqual({ payload: sent, payloadSource: 'response', sensitive: [] });
  });

  it('passes over what is sent as a refusal', () => {
    const found = payloadIn({
      'answers.ts': helpers,
      'app.ts': `import { Hono } from 'hono';
        import { created, refuse } from './answers';
        const app = new Hono();
        app.post('/orders', async (c) => {
          if (c.req.header('x-gift')) return created(c, { id: String(1), gift: true });
          return refuse(c, 'gift');
        });
        export default app;`,
    });
    expect(found.payload).toEqual(sent);
  });
});
