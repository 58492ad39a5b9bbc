import { Router } from 'express';
import type { PrismaClient } from '@prisma/client';
import { events } from './events/setup.js';

declare const prisma: PrismaClient;
export const users = Router();

users.delete('/:userId/courses/:courseId', async (req, res) => {
  const userId = Number(req.params.userId);
  const courseId = Number(req.params.courseId);
  await prisma.$transaction(async (tx) => {
    const courseEnrollment = await tx.courseEnrollment.delete({ where: { userId_courseId: { userId, courseId } } });
    await events.emit(tx, 'user.course_deleted', { subject: courseEnrollment.userId, data: courseEnrollment });
  });
  res.sendStatus(204);
});
