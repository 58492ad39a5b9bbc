import nodemailer from 'nodemailer';
import type { DataSource } from 'typeorm';

declare const dataSource: DataSource;
const transporter = nodemailer.createTransport({});

export async function invite(req, res) {
  const runner = dataSource.createQueryRunner();
  if (req.body.isNew) {
    await runner.startTransaction();
    await runner.manager.save('User', req.body);
    await runner.commitTransaction();
    return res.end();
  }
  await transporter.sendMail({ to: req.body.mail });
  await runner.startTransaction();
  await runner.manager.save('Invitation', req.body);
  await transporter.sendMail({ to: req.body.mail });
  await runner.commitTransaction();
  res.end();
}
