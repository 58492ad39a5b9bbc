import { Controller, Post, Body } from '@nestjs/common';
import type { PrismaClient } from '@prisma/client';
import { Events } from './events/events.module.js';

declare const prisma: PrismaClient;

@Controller('orders')
export class OrdersController {
  private readonly currency = 'EUR';

  constructor(private readonly events: Events) {}

  // Everyone may.
  @Post()
  async create(@Body() body: object) {
    return prisma.$transaction(async (tx) => {
      const order = await tx.order.create({ data: { ...body, currency: this.currency } });
      await this.events.emit(tx, 'order.created', { subject: order.id, data: order });
      return order;
    });
  }
}
