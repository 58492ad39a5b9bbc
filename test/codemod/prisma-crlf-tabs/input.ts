import { Router } from "express"
import type { PrismaClient } from "@prisma/client"

declare const prisma: PrismaClient
export const orders = Router()

orders.patch("/:id", async (req, res) => {
	try {
		const order = await prisma.order.update({
			where: { id: Number(req.params.id) },
			data: req.body,
		})
		return res.json(order)
	} catch (error) {
		return res.status(409).json({ error: "taken" })
	} finally {
		req.body = null
	}
})
