import type { LocalRuntimeStore } from '../stores/postgres/local-runtime.ts';
import type { Attempted } from './observed-store.ts';

/** An attempt at an endpoint that is not ours. */
export interface ForwardedAttempt extends Attempted {
  readonly url: string;
}

export interface AttemptReportsOptions {
  readonly local: Pick<LocalRuntimeStore, 'endpoints'>;
  /** True for our own receivers, which tell for themselves what they get. */
  isOurs(url: string): boolean;
  report(attempt: ForwardedAttempt): void;
}

/** Tells of what was forwarded and how it was answered. */
export function attemptReports(options: AttemptReportsOptions): (attempted: Attempted) => Promise<void> {
  const { local, isOurs, report } = options;
  return async (attempted) => {
    const endpoints = await local.endpoints();
    const url = endpoints.find(({ id }) => id === attempted.subscriptionId)?.url;
    // Deleted meanwhile, or ours.
    if (url !== undefined && !isOurs(url)) report({ ...attempted, url });
  };
}
