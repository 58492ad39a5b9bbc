import { Injectable, Controller, Post, Body } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
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

  /** Places it. */
  async place(values: Partial<Order>): Promise<Order> {
    return this.orders.save(this.orders.create(values));
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
