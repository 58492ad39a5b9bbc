import { cause, type Cause, type CauseCode } from '../causes.ts';

/** A body that may have been signed, and what then happened to it. */
export interface BodyVariant {
  readonly body: Uint8Array;
  readonly cause: Cause;
}

export function variant(body: Uint8Array, code: CauseCode, message: string): BodyVariant {
  return { body, cause: cause(code, message) };
}
