import type { WebhookStore } from '../../kernel/webhook-ports.ts';
import { createDeliveryStore } from './deliveries.ts';
import type { Sql } from './sql.ts';
import { createSubscriptionStore } from './subscriptions.ts';

/** The webhook side of the store. */
export function createWebhookStore(sql: Sql): WebhookStore {
  return { subscriptions: createSubscriptionStore(sql), deliveries: createDeliveryStore(sql) };
}
