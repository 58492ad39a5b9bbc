import { NextResponse, type NextRequest } from 'next/server';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup';

declare const prisma: PrismaClient;

export const runtime = 'nodejs';

export async function POST(request: NextRequest) {
  const body = await request.json();
  const order = await prisma.$transaction(async (tx) => {
    const order = await tx.order.create({
      data: body,
    });
    await events.emit(tx, 'order.created', { subject: order.id, data: order });
    return order;
  });
  return NextResponse.json(order, { status: 201 });
}
