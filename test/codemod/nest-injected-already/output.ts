import { Controller, Post, Body } from '@nestjs/common';
import type { PrismaClient } from '@prisma/client';
import { Events } from './events/events.module.js';

declare const prisma: PrismaClient;

@Controller('orders')
export class OrdersController {
  constructor(private readonly outbox: Events) {}

  @Post()
  async create(@Body() body: object) {
    return prisma.$transaction(async (tx) => {
      const order = await tx.order.create({ data: body });
      await this.outbox.emit(tx, 'order.created', { subject: order.id, data: order });
      return order;
    });
  }

  other() {
    return this.outbox;
  }
}
