import { HttpService } from '@nestjs/axios';
import { InjectQueue } from '@nestjs/bullmq';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { Queue } from 'bullmq';
import { firstValueFrom } from 'rxjs';
import { DataSource, EntityManager } from 'typeorm';

export class OrdersService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly http: HttpService,
    private readonly emitter: EventEmitter2,
    @InjectQueue('orders') private readonly queue: Queue,
  ) {}

  async place(order: object) {
    return this.dataSource.transaction(async (manager) => {
      const saved = await manager.save('Order', order);
      const observable = this.http.get('https://stock.example');
      await firstValueFrom(this.http.post('https://stock.example', saved));
      await this.queue.add('placed', saved);
      this.emitter.emit('order.placed', saved);
      this.emitter.emit('order.placing', { saved, manager });
      return { saved, observable };
    });
  }

  async cancel(id: string) {
    const runner = this.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.delete('Order', id);
    await this.notify(runner.manager, id);
    await runner.commitTransaction();
    this.emitter.emit('order.cancelled', { id });
  }

  private async notify(manager: EntityManager, id: string) {
    await manager.update('Order', id, { notified: true });
    await this.queue.add('cancelled', { id });
  }
}
