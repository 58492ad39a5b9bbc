import { Controller, Post, Body } from '@nestjs/common';
import { Transactional, TransactionHost } from '@nestjs-cls/transactional';
import type { PrismaClient } from '@prisma/client';

type Tx = Pick<PrismaClient, 'order' | '$executeRawUnsafe' | '$queryRawUnsafe'>;

@Controller('orders')
export class OrdersController {
  constructor(private readonly txHost: TransactionHost<Tx>) {}

  @Post()
  @Transactional()
  async create(@Body() body: object) {
    const order = await this.txHost.tx.order.create({ data: body });
    return order;
  }
}
