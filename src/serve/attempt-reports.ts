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

export interface AttemptReports {
  attempted(attempted: Attempted): Promise<void>;
  /** Endpoints have come or changed. */
  forget(): void;
}

/** Tells of what was forwarded and how it was answered. */
export function createAttemptReports({ local, isOurs, report }: AttemptReportsOptions): AttemptReports {
  let urls: Promise<ReadonlyMap<string, string>> | undefined;

  async function readUrls(): Promise<ReadonlyMap<string, string>> {
    return new Map((await local.endpoints()).map(({ id, url }) => [id, url]));
  }

  return {
    async attempted(attempted): Promise<void> {
      urls ??= readUrls();
      const url = (await urls).get(attempted.subscriptionId);
      // Deleted meanwhile, or ours.
      if (url !== undefined && !isOurs(url)) report({ ...attempted, url });
    },
    forget(): void {
      urls = undefined;
    },
  };
}
