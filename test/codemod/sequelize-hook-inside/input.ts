import { Router } from 'express';
import { Model, type Sequelize, type Transaction } from 'sequelize';

class Ticket extends Model {
  declare id: number;
  declare number: number;
}

class Counter extends Model {
  declare value: number;
}

declare const sequelize: Sequelize;
export const tickets = Router();

Ticket.addHook('beforeCreate', async (ticket: Ticket, { transaction }: { transaction?: Transaction }) => {
  const counter = await Counter.findByPk('tickets', { transaction });
  ticket.number = counter?.value ?? 1;
});

Ticket.addHook('afterDestroy', async () => {
  await Counter.destroy({ where: { name: 'tickets' } });
});

tickets.post('/', async (req, res) => {
  const ticket = await Ticket.create({ title: req.body.title });
  res.status(201).json(ticket);
});
