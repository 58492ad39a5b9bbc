import { Controller, Post, Body } from '@nestjs/common';
import type { PrismaClient } from '@prisma/client';

@Controller('orders')
export class TestedOrdersController {
  constructor(private readonly prisma: PrismaClient) {}

  @Post()
  async create(@Body() body: object) {
    return this.prisma.order.create({ data: body });
  }
}
