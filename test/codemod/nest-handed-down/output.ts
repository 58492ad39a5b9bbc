import { Injectable } from '@nestjs/common';
import { PrismaClient } from '@prisma/client';
import { Events } from './events/events.module.js';

@Injectable()
export class PrismaService extends PrismaClient {}

@Injectable()
export class OrdersService {
  constructor(private readonly prisma: PrismaService) {}

  async create(total: number, client: Pick<PrismaService, 'order'> = this.prisma) {
    return client.order.create({ data: { total } });
  }
}

@Injectable()
export class ShopService {
  constructor(
    private readonly orders: OrdersService,
    private readonly database: PrismaService,
    private readonly events: Events,
  ) {}

  async place(total: number) {
    return this.database.$transaction(async (tx) => {
      const order = await this.orders.create(total, tx);
      await this.events.emit(tx, 'order.placed', { subject: order.id, data: order });
      return order;
    });
  }

  async again(total: number) {
    await this.database.$transaction(async (tx) => {
      const order = await this.orders.create(total, tx);
      await this.events.emit(tx, 'order.repeated', { subject: order.id, data: order });
    });
    return this.database.order.findUnique({ where: { total } });
  }
}
