import { Router } from 'express';
import { Column, Model, PrimaryKey } from 'sequelize-typescript';

class Deploy extends Model {
  @PrimaryKey
  @Column
  declare siteId: number;

  @Column
  declare url: string;
}

export const deploys = Router();

deploys.post('/', async (req, res) => {
  const deploy = await Deploy.create({ siteId: req.body.siteId, url: req.body.url });
  res.status(201).json(deploy);
});
