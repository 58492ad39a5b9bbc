import type { StreamBytes } from './stream-bytes.ts';

/** Where the bytes for one client go. */
export interface StreamSink {
  /** False when the client is behind, or gone: wait for `drained` before writing much more. */
  write(bytes: StreamBytes): boolean;
  /** Written, and not yet taken by the client. */
  bufferedBytes(): number;
  /** Resolves when there is room again or the client is gone. */
  drained(): Promise<void>;
  /** Ends after what was written. */
  end(): void;
  /** Ends at once. */
  cut(): void;
  /** True once it has ended, from whichever side. */
  isClosed(): boolean;
  /** Calls then, or at once if that is over. Only one may ask. */
  onClosed(listener: () => void): void;
}
