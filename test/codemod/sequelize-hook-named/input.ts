import { Router } from 'express';
import { Model } from 'sequelize';

class Invoice extends Model {
  declare id: number;
  declare isFirst: boolean;
}

class Receipt extends Model {
  declare id: number;
}

async function counted(): Promise<void> {
  await Invoice.count({ where: {} });
}

Invoice.addHook('afterCreate', counted);
Receipt.addHook('afterUpdate', counted);
Receipt.addHook('afterCreate', async (receipt: Receipt, options: object) => {
  Math.max(1, 2);
  await Receipt.count(options);
});

export const router = Router();

router.post('/invoices', async (req, res) => {
  const invoice = new Invoice();
  await invoice.save();
  res.status(201).json(invoice);
});

router.post('/receipts', async (req, res) => {
  const receipt = await Receipt.create({ total: req.body.total });
  res.status(201).json(receipt);
});
