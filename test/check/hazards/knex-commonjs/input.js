const { Kafka } = require('kafkajs');
const db = require('knex')({ client: 'pg' });

const producer = new Kafka({ brokers: ['localhost'] }).producer();

exports.place = async (req, res) => {
  const order = await db.transaction(async (trx) => {
    const [created] = await trx('orders').insert(req.body).returning('*');
    await producer.send({ topic: 'orders', messages: [{ value: JSON.stringify(created) }] });
    return created;
  });
  res.json(order);
};

exports.ship = async (req, res) => {
  const trx = await db.transaction();
  await trx('orders').where({ id: req.params.id }).update({ shipped: true });
  await producer.send({ topic: 'orders', messages: [{ key: req.params.id, value: 'shipped' }] });
  await trx.commit();
  res.end();
};
