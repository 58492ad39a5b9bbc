import { Controller, Post, Body } from '@nestjs/common';
import type { PrismaClient } from '@prisma/client';
import { Events } from './events/events.module.js';

declare const prisma: PrismaClient;

@Controller('orders')
export class OrdersController {
  constructor(private readonly outbox: Events) {}

  @Post()
  async create(@Body() body: object) {
    return prisma.order.create({ data: body });
  }

  other() {
    return this.outbox;
  }
}
