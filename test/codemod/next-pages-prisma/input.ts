import type { NextApiRequest, NextApiResponse } from "next";
import type { PrismaClient } from "@prisma/client";

declare const prisma: PrismaClient;

export default async function handle(req: NextApiRequest, res: NextApiResponse) {
  if (req.method !== "POST") {
    res.setHeader("Allow", ["POST"]);
    return res.status(405).end();
  }

  const result = await prisma.order.create({ data: { ...req.body } });
  res.json(result);
}
