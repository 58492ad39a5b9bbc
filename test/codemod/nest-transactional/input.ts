import { Injectable, Controller, Post, Body } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Transactional } from 'typeorm-transactional';
import { Entity, Repository } from 'typeorm';

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
  ) {}

  @Transactional()
  async place(values: Partial<Order>): Promise<Order> {
    const order = await this.orders.save(this.orders.create(values));
    await this.orders.update(order.id, { total: 0 });
    return order;
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
