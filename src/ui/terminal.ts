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
  /** Writes one line of progress, warning or explanation to stderr. */
  note(line: string): void;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    cwd: process.cwd(),
    env: process.env,
    isInteractive: Boolean(process.stdin.isTTY && process.stdout.isTTY) && !process.env['CI'],
    columns: process.stdout.columns ?? 80,
    result: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
  };
}
