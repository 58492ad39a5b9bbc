import type { Sql } from 'postgres';
import { events } from './events/setup.js';

export class Orders {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async place(total: number) {
    return this.#sql.begin(async (sql) => {
      const rows = await sql`insert into orders (total) values (${total}) returning *`;
      await events.emit(sql, 'order.created', { subject: rows[0].id, data: rows[0] });
      return rows[0];
    });
  }
}
