import type { Pool } from 'pg';
import { INSERT_ORDER } from './input-statements.ts';

export interface Order {
	id: string;
	total: number;
}

export class OrderService {
	constructor(private readonly pool: Pool) {}

	async place(input: { total: number }): Promise<Order> {
		const client = await this.pool.connect();
		try {
			await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
			const order = (await client.query<Order>({ text: INSERT_ORDER, values: [input.total] })).rows[0];
			await client.query(`COMMIT`);
			return order;
		} catch (error) {
			await client.query('ROLLBACK');
			throw error;
		} finally {
			client.release();
		}
	}
}
