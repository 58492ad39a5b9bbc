import { Injectable, Controller, Post, Body } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Entity, Repository } from 'typeorm';
import { Events } from './events/events.module.js';

@Entity()
class Order {
  id!: string;
  total!: number;
}

@Injectable()
export class OrdersService {
  constructor(
    @InjectRepository(Order)
    private readonly orders: Repository<Order>,
    private readonly events: Events,
  ) {}

  /** Places it. */
  async place(values: Partial<Order>): Promise<Order> {
    return this.orders.manager.transaction(async (manager) => {
      const order = await manager.withRepository(this.orders).save(this.orders.create(values));
      await this.events.emit(manager, 'order.created', { subject: order.id, data: order });
      return order;
    });
  }
}

@Controller('orders')
export class OrdersController {
  constructor(private readonly service: OrdersService) {}

  @Post()
  async create(@Body() body: Partial<Order>) {
    return this.service.place(body);
  }
}
