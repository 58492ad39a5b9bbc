import { NextResponse, type NextRequest } from 'next/server'
import type { PrismaClient } from '@prisma/client'

type Route = (request: NextRequest, context: { params: { id: string } }) => unknown
declare function auth(route: Route): Route
declare const prisma: PrismaClient

export const DELETE = auth(async (_request, { params }) => {
	const order = await prisma.$transaction(async (tx) => {
		await tx.auditLog.deleteMany({ where: { text: params.id } })
		return tx.order.delete({ where: { id: params.id } })
	})
	return NextResponse.json(order)
})
