import { describe, expect, it } from 'vitest';
import { payloadIn } from '../helpers/payload-in.ts';

/** A handler that changes an order and says only that it went well. */
const handler = (statements: string, imports = ''): string => `${imports}
  import express from 'express';
  const app = express();
  app.post('/orders/:id/ship', async (req, res) => { ${statements} res.json({ success: true }); });`;

const STATE = { type: 'string', enum: ['open', 'shipped'] };
const DATE = { type: 'string', format: 'date-time' };

describe('the row that a handler writes', () => {
  it('is that of a Prisma model, by its schema file alone', () => {
    const found = payloadIn({
      'prisma/schema.prisma': `enum State { open shipped }
        model Order { id Int @id
          state State
          note String?
          total Decimal
          customer Customer @relation(fields: [customerId], references: [id])
          customerId Int
          passwordHash String
        }`,
      'app.ts': handler("await prisma.order.update({ where: { id: 1 }, data: { state: 'shipped' } });"),
    });
    expect(found).toEqual({
      payload: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          state: STATE,
          note: { type: ['string', 'null'] },
          total: { type: 'string' },
          customerId: { type: 'integer' },
        },
        required: ['id', 'state', 'note', 'total', 'customerId'],
      },
      payloadSource: 'entity',
      sensitive: ['passwordHash'],
    });
  });

  it('is that of a Sequelize model, defined or initialised', () => {
    const columns = `{
      state: { type: DataTypes.ENUM('open', 'shipped'), allowNull: false },
      note: DataTypes.TEXT, label: { type: DataTypes.VIRTUAL },
    }`;
    const expected = {
      id: { type: 'integer' },
      state: STATE,
      note: { type: ['string', 'null'] },
      createdAt: DATE,
      updatedAt: DATE,
    };
    const defined = payloadIn({
      'models.js': `const { DataTypes } = require('sequelize');
        module.exports.Order = sequelize.define('Order', ${columns});`,
      'app.ts': handler(
        'const order = await Order.findByPk(req.params.id); await order.update({ state: req.body.state });',
        "import { Order } from './models';",
      ),
    });
    expect(defined).toMatchObject({ payloadSource: 'entity', payload: { properties: expected } });
    const initialised = payloadIn({
      'models.ts': `import { DataTypes, Model } from 'sequelize';
        export class Order extends Model {}
        Order.init(${columns}, { sequelize, modelName: 'Order' });`,
      'app.ts': handler('await db.models.Order.update({}, { where: {} });'),
    });
    expect(initialised.payload?.properties).toEqual(expected);
  });

  it('is that of a mongoose schema', () => {
    const found = payloadIn({
      'order.ts': `import mongoose from 'mongoose';
        const line = new mongoose.Schema({ sku: { type: String, required: true } }, { _id: false });
        const orderSchema = mongoose.Schema({
          state: { type: String, enum: ['open', 'shipped'], default: 'open' },
          customer: { type: mongoose.Schema.Types.ObjectId, ref: 'Customer', required: true },
          lines: [line], address: { city: String }, note: String,
        }, { timestamps: true });
        export const Order = mongoose.model('Order', orderSchema);`,
      'app.ts': handler(
        'const order = await Order.findById(req.params.id); order.state = "shipped"; await order.save();',
        "import { Order } from './order';",
      ),
    });
    expect(found.payload).toEqual({
      type: 'object',
      properties: {
        _id: { type: 'string' },
        state: STATE,
        customer: { type: 'string' },
        lines: {
          type: 'array',
          items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] },
        },
        address: { type: 'object', properties: { city: { type: 'string' } } },
        note: { type: 'string' },
        createdAt: DATE,
        updatedAt: DATE,
      },
      required: ['_id', 'state', 'customer', 'lines', 'createdAt', 'updatedAt'],
    });
  });

  it('is that of a table which knex migrations make and alter', () => {
    const found = payloadIn({
      'migrations/1.js': `exports.up = (knex) => knex.schema.createTable('orders', (table) => {
          table.increments(); table.string('state').notNullable(); table.text('note'); table.timestamps(true, true);
        });
        exports.down = (knex) => knex.schema.createTable('orders', (table) => { table.string('gone'); });`,
      'migrations/2.js': `exports.up = (knex) => knex.schema.alterTable('orders', (t) => { t.boolean('gift').notNullable(); });`,
      'app.ts': handler("await knex('orders').where({ id: 1 }).update({ state: 'shipped' });"),
    });
    expect(found.payload?.properties).toEqual({
      id: { type: 'integer' },
      state: { type: 'string' },
      note: { type: ['string', 'null'] },
      created_at: DATE,
      updated_at: DATE,
      gift: { type: 'boolean' },
    });
  });

  it('is that of an entity class behind a repository, without its relations and what it computes', () => {
    const found = payloadIn({
      'order.entity.ts': `import { Column, Entity, ManyToOne, OneToMany, PrimaryGeneratedColumn } from 'typeorm';
        @Entity() export class Customer { @PrimaryGeneratedColumn() id: number; }
        @Entity() export class Order {
          @PrimaryGeneratedColumn() id: number;
          @Column() state: 'open' | 'shipped';
          @Column({ nullable: true }) note: string | null;
          @Column() sentAt: Date;
          @ManyToOne(() => Customer) customer: Customer;
          @OneToMany(() => Order, (order) => order.id) parts: Order[];
          get label(): string { return ''; }
        }`,
      'tsconfig.json': '{"compilerOptions":{"strict":true,"experimentalDecorators":true}}',
      'orders.controller.ts': `import { Controller, Param, Post } from '@nestjs/common';
        import { InjectRepository } from '@nestjs/typeorm';
        import { Repository } from 'typeorm';
        import { Order } from './order.entity';
        @Controller('orders') export class OrdersController {
          constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}
          @Post(':id/ship') async ship(@Param('id') id: string): Promise<void> { await this.orders.save({ id }); }
        }`,
    });
    expect(found).toMatchObject({ payloadSource: 'entity' });
    expect(found.payload).toEqual({
      type: 'object',
      properties: { id: { type: 'number' }, state: STATE, note: { type: ['string', 'null'] }, sentAt: DATE },
      required: ['id', 'state', 'note', 'sentAt'],
    });
  });

  it('is the one that the path speaks of, and not the books that are kept beside it', () => {
    const found = payloadIn({
      'prisma/schema.prisma': `model AuditLog { id Int @id }
        model Shipment { weight Int }
        model Order { state String }`,
      'app.ts': handler(
        'await prisma.auditLog.create({}); await prisma.shipment.create({}); await prisma.order.update({});',
      ),
    });
    expect(found.payload?.properties).toEqual({ state: { type: 'string' } });
    const none = payloadIn({
      'prisma/schema.prisma': 'model AuditLog { id Int @id }',
      'app.ts': handler('await prisma.auditLog.create({});'),
    });
    expect(none).toMatchObject({
      payloadSource: 'request',
      payload: { properties: { id: { type: 'string' } } },
    });
  });
});

describe('types of packages that are not installed', () => {
  it('are read by their words', () => {
    const found = payloadIn({
      'tsconfig.json': '{"compilerOptions":{"strict":true}}',
      'order.ts': `import { z } from 'zod';
        import { createZodDto } from 'nestjs-zod';
        export const OrderSchema = z.object({ id: z.string(), total: z.number() });
        export type Order = z.infer<typeof OrderSchema>;
        export class OrderDto extends createZodDto(OrderSchema) {}`,
      'app.controller.ts': `import { Controller, Post } from '@nestjs/common';
        import type { Customer } from '@prisma/client';
        import { Order, OrderDto } from './order';
        interface Answer { order: Order; dto: OrderDto; customer: Customer | null; rest: Omit<Order, 'id'> }
        @Controller('orders') export class OrdersController {
          @Post() async create(): Promise<Answer> { return this.service.create(); }
        }`,
      'schema.prisma': 'model Customer { name String }',
    });
    const order = {
      type: 'object',
      properties: { id: { type: 'string' }, total: { type: 'number' } },
      required: ['id', 'total'],
    };
    expect(found.payload?.properties).toEqual({
      order,
      dto: order,
      customer: { type: ['object', 'null'], properties: { name: { type: 'string' } }, required: ['name'] },
      rest: { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] },
    });
  });
});
