import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';

declare const prisma: PrismaClient;
export const users = Router();

users.delete('/:userId/courses/:courseId', async (req, res) => {
  const userId = Number(req.params.userId);
  const courseId = Number(req.params.courseId);
  await prisma.courseEnrollment.delete({ where: { userId_courseId: { userId, courseId } } });
  res.sendStatus(204);
});
