import type { AddressGuard } from '../kernel/address-guard.ts';
import { EventIdConflictError, InvalidEventError } from '../kernel/errors.ts';
import { composeEvents } from '../kernel/events.ts';
import type { Transport } from '../kernel/ports.ts';
import { secretBoxOf } from '../kernel/secret-box.ts';
import { createEventStore } from '../stores/postgres/event-store.ts';
import { createWebhookStore } from '../stores/postgres/webhook-store.ts';
import { nodeHttpTransport } from '../transports/node-http.ts';

/** What `serve` is put together from: the modules of evtgen, or those that it wrote into a project. */
export interface KernelModules {
  readonly composeEvents: typeof composeEvents;
  readonly createEventStore: typeof createEventStore;
  readonly createWebhookStore: typeof createWebhookStore;
  readonly secretBoxOf: typeof secretBoxOf;
  readonly createTransport: (guard: AddressGuard) => Transport;
  /** Each copy of the kernel has classes of its own. */
  readonly InvalidEventError: typeof InvalidEventError;
  readonly EventIdConflictError: typeof EventIdConflictError;
}

/** Those that came with this evtgen. */
export const ownKernel: KernelModules = {
  composeEvents,
  createEventStore,
  createWebhookStore,
  secretBoxOf,
  createTransport: (guard) => nodeHttpTransport({ guard }),
  InvalidEventError,
  EventIdConflictError,
};
