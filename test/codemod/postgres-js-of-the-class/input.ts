import type { Sql } from 'postgres';

export class Orders {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async place(total: number) {
    const rows = await this.#sql`insert into orders (total) values (${total}) returning *`;
    return rows[0];
  }
}
