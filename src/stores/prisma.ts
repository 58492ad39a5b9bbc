// https://www.prisma.io/docs/orm/prisma-client/queries/transactions#interactive-transactions
import { NotInTransactionError } from './postgres/not-in-transaction.ts';
import type { EmitTarget } from './postgres/single-statement.ts';
import type { Row, SqlClient } from './postgres/sql.ts';

/** What is used of the `tx` that `prisma.$transaction(async (tx) => …)` hands out; typed by shape. */
export interface PrismaTx {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>;
  /** The client itself has it: it is no transaction. */
  readonly $connect?: never;
}

/**
 * Lets `emit` take a transaction of Prisma. One that `$transaction([…])` runs as an array has no handle; the
 * interactive form has.
 */
export function prismaTarget(tx: PrismaTx | EmitTarget): EmitTarget {
  return '$queryRawUnsafe' in tx ? prismaClient(tx) : tx;
}

function prismaClient(tx: PrismaTx): SqlClient {
  if ('$connect' in tx) throw new NotInTransactionError('the `tx` of `prisma.$transaction(async (tx) => …)`');
  return {
    async query(text, values): Promise<{ rows: readonly Row[] }> {
      const rows = await tx.$queryRawUnsafe(text, ...values);
      return { rows: Array.isArray(rows) ? rows : [] };
    },
  };
}
