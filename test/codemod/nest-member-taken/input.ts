import { Controller, Post, Body } from '@nestjs/common';
import type { PrismaClient } from '@prisma/client';

@Controller('orders')
export class OrdersController {
  constructor(private readonly prisma: PrismaClient, private readonly events: string[]) {}

  @Post()
  async create(@Body() body: object) {
    this.events.push('created');
    return this.prisma.order.create({ data: body });
  }
}
