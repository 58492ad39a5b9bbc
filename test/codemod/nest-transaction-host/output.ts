import { Controller, Post, Body } from '@nestjs/common';
import { Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { PrismaClient } from '@prisma/client';
import { Events } from './events/events.module.js';

type Tx = Pick<PrismaClient, 'order' | '$executeRawUnsafe' | '$queryRawUnsafe'>;

@Controller('orders')
export class OrdersController {
  constructor(private readonly txHost: TransactionHost<Tx>, private readonly events: Events) {}

  @Post()
  @Transactional()
  async create(@Body() body: object) {
    const order = await this.txHost.tx.order.create({ data: body });
    await this.events.emit(this.txHost.tx, 'order.created', { subject: order.id, data: order });
    return order;
  }
}
