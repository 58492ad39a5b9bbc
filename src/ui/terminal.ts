/** Where a command reads its surroundings and writes its output: stdout is the result, stderr all else. */
export interface Terminal {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Both ends are a TTY and this is not CI, so a prompt would reach a person. */
  readonly isInteractive: boolean;
  /** Width of stdout in columns; 80 where it is unknown. */
  readonly columns: number;
  /** Writes one line of the result to stdout. */
  result(line: string): void;
  /** Writes one line of warning or explanation to stderr. */
  note(line: string): void;
  /** Shows how far long work is in the last line of stderr, over what it showed before; null takes it away. Silent off a TTY. */
  progress(text: string | null): void;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const showsProgress = Boolean(process.stderr.isTTY) && !process.env['CI'];
  return {
    cwd: process.cwd(),
    env: process.env,
    isInteractive: Boolean(process.stdin.isTTY && process.stdout.isTTY) && !process.env['CI'],
    columns: process.stdout.columns ?? 80,
    result: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    progress(text) {
      if (!showsProgress) return;
      const line = (text ?? '').slice(0, Math.max(0, (process.stderr.columns ?? 80) - 1));
      process.stderr.write(`\r\u001B[K${line}`);
    },
  };
}
