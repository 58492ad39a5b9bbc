import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

export class OrdersController {
    constructor(private readonly prisma: PrismaClient) {}

    /** Ships it. */
    public ship = async (id: number) => {
        // The carrier wants it so.
        return await this.prisma.order.update({ where: { id }, data: { status: 'shipped' } })
    }
}
