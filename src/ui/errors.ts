import { ExitCode } from './exit-code.ts';

/**
 * A failure the user can act on. Printed as one line that names what and where, then a hint; never with a
 * stack unless `--debug` is given.
 */
export class EvtgenError extends Error {
  override readonly name = 'EvtgenError';
  /** Stable identifier for scripts, lower snake case. */
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    message: string,
    options: { hint?: string | undefined; exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? ExitCode.usage;
  }
}

/** The message of the deepest cause, which is where the reason usually stands. */
export function rootMessage(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause !== undefined) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}

/** An error of the operating system, such as ENOENT or EACCES. */
export function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
