import { NextResponse, type NextRequest } from 'next/server'
import type { PrismaClient } from '@prisma/client'
import { events } from './events/setup'

type Route = (request: NextRequest, context: { params: { id: string } }) => unknown
declare function auth(route: Route): Route
declare const prisma: PrismaClient

export const DELETE = auth(async (_request, { params }) => {
	const order = await prisma.$transaction(async (tx) => {
		await tx.auditLog.deleteMany({ where: { text: params.id } })
		const order = await tx.order.delete({ where: { id: params.id } })
		await events.emit(tx, 'order.deleted', { subject: order.id, data: order })
		return order
	})
	return NextResponse.json(order)
})
