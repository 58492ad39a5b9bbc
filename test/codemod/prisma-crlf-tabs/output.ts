import { Router } from "express"
import type { PrismaClient } from "@prisma/client"
import { events } from "./events/setup.js"

declare const prisma: PrismaClient
export const orders = Router()

orders.patch("/:id", async (req, res) => {
	try {
		const order = await prisma.$transaction(async (tx) => {
			const order = await tx.order.update({
				where: { id: Number(req.params.id) },
				data: req.body,
			})
			await events.emit(tx, "order.updated", { subject: order.id, data: order })
			return order
		})
		return res.json(order)
	} catch (error) {
		return res.status(409).json({ error: "taken" })
	} finally {
		req.body = null
	}
})
