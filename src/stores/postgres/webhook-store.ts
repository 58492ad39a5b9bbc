import type { DeadLetterStore } from '../../kernel/dead-letter-ports.ts';
import type { WebhookStore } from '../../kernel/webhook-ports.ts';
import { createDeadLetterStore } from './dead-letters.ts';
import { withDeadlocksRetried } from './deadlocks.ts';
import { createDeliveryStore } from './deliveries.ts';
import { createIdempotencyStore } from './idempotency-keys.ts';
import { createResendStore } from './resends.ts';
import { withMissingSchemaExplained } from './schema-error.ts';
import type { Sql, SqlClient } from './sql.ts';
import { createSubscriptionStore } from './subscriptions.ts';

/**
 * The webhook side of the store: who wants events, what became of them, and what was given up. Its calls reject
 * with SchemaMissingError where a migration has not run.
 */
export function createWebhookStore(
  client: Sql,
): WebhookStore & { readonly deadLetters: DeadLetterStore<SqlClient> } {
  const once = withMissingSchemaExplained(client);
  const sql = withDeadlocksRetried(once);
  return {
    subscriptions: createSubscriptionStore(sql),
    deliveries: createDeliveryStore(sql),
    resends: createResendStore(sql),
    idempotencyKeys: createIdempotencyStore(sql),
    deadLetters: createDeadLetterStore(sql, once),
  };
}
