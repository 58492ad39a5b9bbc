import type { WebhookStore } from '../kernel/webhook-ports.ts';

/** When a delivery is tried again, as production has it and as it is here. */
export interface Schedule {
  /** So many times faster than real time. */
  readonly timeScale: number;
  /** Delays before the retries, in milliseconds, each from the end of the attempt before. */
  readonly realMs: readonly number[];
  /** The same as they are waited here. */
  readonly compressedMs: readonly number[];
}

export function scheduleOf(realMs: readonly number[], timeScale: number): Schedule {
  return { timeScale, realMs, compressedMs: realMs.map((ms) => ms / timeScale) };
}

/** The store with a shorter time for which a secret that was rotated away signs; retries are the kernel's to hasten. */
export function inScaledTime<Store extends WebhookStore>(store: Store, timeScale: number): Store {
  const { subscriptions } = store;
  return {
    ...store,
    subscriptions: {
      ...subscriptions,
      rotateSecret: (tenant, id, sealedSecret, overlapSeconds) =>
        subscriptions.rotateSecret(tenant, id, sealedSecret, Math.ceil(overlapSeconds / timeScale)),
    },
  };
}
