import { Router } from 'express';
import { Model, type Sequelize } from 'sequelize';

class Account extends Model {
  declare id: number;
  declare isFirst: boolean;
}

declare const sequelize: Sequelize;
export const accounts = Router();

Account.addHook('afterCreate', async (account: Account) => {
  const others = await Account.count({ where: {} });
  if (others === 1) await account.update({ isFirst: true });
});

accounts.post('/', async (req, res) => {
  const account = await Account.create({ email: req.body.email });
  res.status(201).json(account);
});
