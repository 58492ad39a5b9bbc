import { db, ordersTable } from './input-db.js'

export const createOrder = async (
	total: number,
	status = 'open',
) => {
	const [order] = await db.insert(ordersTable).values({ total, status } as object).returning()
	return order
}
