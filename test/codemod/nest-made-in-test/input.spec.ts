import { TestedOrdersController } from './input';

const prisma = { order: { create: async () => ({ id: 1 }) } };

export const controller = new TestedOrdersController(prisma as never);
