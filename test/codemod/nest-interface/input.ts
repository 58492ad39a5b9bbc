import { Injectable, Controller, Post, Body } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Entity, Repository } from 'typeorm';

@Entity()
class Order {
  id!: string;
  total!: number;
}

export abstract class OrdersPort {
  abstract place(values: Partial<Order>): Promise<Order>;
}

@Injectable()
export class OrdersService implements OrdersPort {
  constructor(
    @InjectRepository(Order)
    private readonly orders: Repository<Order>,
  ) {}

  /** Places it. */
  async place(values: Partial<Order>): Promise<Order> {
    return this.orders.save(this.orders.create(values));
  }
}

@Controller('orders')
export class OrdersController {
  constructor(private readonly service: OrdersPort) {}

  @Post()
  async create(@Body() body: Partial<Order>) {
    return this.service.place(body);
  }
}
