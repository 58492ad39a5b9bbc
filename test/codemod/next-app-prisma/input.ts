import { NextResponse, type NextRequest } from 'next/server';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;

export const runtime = 'nodejs';

export async function POST(request: NextRequest) {
  const body = await request.json();
  const order = await prisma.order.create({
    data: body,
  });
  return NextResponse.json(order, { status: 201 });
}
