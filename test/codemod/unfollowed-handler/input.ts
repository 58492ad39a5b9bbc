import { Router } from 'express';
import { pool } from './pool.js';

import { createOrder } from '@acme/orders';

export const orders = Router();

orders.post('/', createOrder(pool));
