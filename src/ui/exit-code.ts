/** Process exit codes of every command; documented in README and pinned by tests. */
export const ExitCode = {
  done: 0,
  /** Bad signature, drift, conflicts, breaking change. */
  findings: 1,
  /** Usage, configuration or environment. */
  usage: 2,
  /** A bug in evtgen (EX_SOFTWARE of sysexits.h). */
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
