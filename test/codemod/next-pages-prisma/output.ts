import type { NextApiRequest, NextApiResponse } from "next";
import type { PrismaClient } from "@prisma/client";
import { events } from "./events/setup";

declare const prisma: PrismaClient;

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  if (req.method !== "POST") {
    res.setHeader("Allow", ["POST"]);
    return res.status(405).end();
  }

  const result = await prisma.$transaction(async (tx) => {
    const result = await tx.order.create({ data: { ...req.body } });
    await events.emit(tx, "order.created", { subject: result.id, data: result });
    return result;
  });
  res.json(result);
}
