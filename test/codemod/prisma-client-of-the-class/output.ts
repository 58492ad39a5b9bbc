import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

export class OrdersController {
    constructor(private readonly prisma: PrismaClient) {}

    /** Ships it. */
    public ship = async (id: number) => {
        // The carrier wants it so.
        return await this.prisma.$transaction(async (tx) => {
            const order = await tx.order.update({ where: { id }, data: { status: 'shipped' } })
            await events.emit(tx, 'order.shipped', { subject: order.id, data: order })
            return order
        })
    }
}
