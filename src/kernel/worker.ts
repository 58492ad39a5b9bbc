import { describeError } from './describe-error.ts';
import type { Logger } from './ports.ts';

/** One background duty: the sequencer, a reader, the retries. */
export interface WorkerPart {
  readonly name: string;
  /** Begins in the background. Failures show in `health` and are retried; they never escape. */
  start(): void;
  /** Finishes what is in hand, gives leases up, and resolves when nothing runs any more. */
  stop(): Promise<void>;
  health(): PartHealth;
}

export interface PartHealth {
  readonly name: string;
  /** `standby`: another process has the lease. `failing`: it keeps trying, see `lastError`. */
  readonly state: 'stopped' | 'standby' | 'active' | 'failing';
  /** When it entered this state, ISO 8601. */
  readonly since: string;
  /** Events between its cursor and the head when it last looked. */
  readonly lag?: number | undefined;
  readonly lastError?: string | undefined;
}

export interface WorkerHealth {
  /** False as soon as one part is failing; standby is healthy. */
  readonly ok: boolean;
  readonly parts: readonly PartHealth[];
}

export interface Worker {
  start(): void;
  stop(): Promise<void>;
  health(): WorkerHealth;
}

export interface WorkerOptions {
  readonly parts: readonly WorkerPart[];
  readonly logger?: Logger | undefined;
}

/** Runs the parts together, in the application's process or in one of their own. */
export function createWorker(options: WorkerOptions): Worker {
  const { parts, logger } = options;

  return {
    start(): void {
      for (const part of parts) part.start();
    },

    async stop(): Promise<void> {
      const results = await Promise.allSettled(parts.map((part) => part.stop()));
      for (const [index, result] of results.entries()) {
        const part = parts[index];
        if (result.status === 'rejected' && part !== undefined && logger !== undefined) {
          logger.error(`${part.name} did not stop cleanly`, { error: describeError(result.reason) });
        }
      }
    },

    health(): WorkerHealth {
      const healths = parts.map((part) => part.health());
      return { ok: healths.every((health) => health.state !== 'failing'), parts: healths };
    },
  };
}
