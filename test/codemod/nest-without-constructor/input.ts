import { Controller, Post, Body } from '@nestjs/common';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

@Controller('orders')
export class OrdersController {
  private readonly currency = 'EUR';

  // Everyone may.
  @Post()
  async create(@Body() body: object) {
    const order = await prisma.order.create({ data: { ...body, currency: this.currency } });
    return order;
  }
}
