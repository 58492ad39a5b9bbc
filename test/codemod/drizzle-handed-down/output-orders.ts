import { db, ordersTable } from './input-db.js'

export const createOrder = async (
	total: number,
	status = 'open',
	client: Pick<typeof db, 'insert'> = db,
) => {
	const [order] = await client.insert(ordersTable).values({ total, status } as object).returning()
	return order
}
