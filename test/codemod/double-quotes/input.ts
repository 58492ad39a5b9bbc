import { Router } from "express";
import { pool } from "./pool";

export const orders = Router();

orders.post("/", async (req, res) => {
    const client = await pool.connect();
    try {
        await client.query("BEGIN");
        const { rows } = await client.query("insert into orders (total) values ($1) returning *", [req.body.total]);
        const order = rows[0];
        await client.query("COMMIT");
        res.status(201).json(order);
    } catch (error) {
        await client.query("ROLLBACK");
        throw error;
    } finally {
        client.release();
    }
});
