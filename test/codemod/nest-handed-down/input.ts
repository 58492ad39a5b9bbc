import { Injectable } from '@nestjs/common';
import { PrismaClient } from '@prisma/client';

@Injectable()
export class PrismaService extends PrismaClient {}

@Injectable()
export class OrdersService {
  constructor(private readonly prisma: PrismaService) {}

  async create(total: number) {
    return this.prisma.order.create({ data: { total } });
  }
}

@Injectable()
export class ShopService {
  constructor(
    private readonly orders: OrdersService,
    private readonly database: PrismaService,
  ) {}

  async place(total: number) {
    return this.orders.create(total);
  }

  async again(total: number) {
    await this.orders.create(total);
    return this.database.order.findUnique({ where: { total } });
  }
}
