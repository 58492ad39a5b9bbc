import postgres from 'postgres';
import type { Handlers } from './handlers.ts';

interface OrderRow {
  id: string;
}

export function open(url: string): Handlers {
  const sql = postgres(url);
  const fixed = { total: '1.00', placed_at: new Date(), details: '{}' };
  return {
    async place(number) {
      const [placed] = await sql<OrderRow[]>`insert into orders ${sql({ ...fixed, number })} returning *`;
      return placed;
    },
    async placeChecked(number, check) {
      return sql.begin(async (tx) => {
        const [placed] = await tx<OrderRow[]>`insert into orders ${tx({ ...fixed, number })} returning *`;
        check();
        if (!placed) throw new Error('not placed');
        return placed;
      });
    },
    async ship(id) {
      const [shipped] = await sql<
        OrderRow[]
      >`update orders set note = 'shipped' where id = ${id} returning *`;
      return shipped;
    },
    async cancel(id) {
      const [cancelled] = await sql<OrderRow[]>`delete from orders where id = ${id} returning *`;
      return cancelled;
    },
    close: () => sql.end(),
  };
}
