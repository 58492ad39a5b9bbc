import type { Logger } from './ports.ts';

/** One line each on stderr. The default of the emitted code: a failure that nobody asked to log must be seen too. */
export const stderrLogger: Logger = {
  info: (message, fields) => write('info', message, fields),
  warn: (message, fields) => write('warn', message, fields),
  error: (message, fields) => write('error', message, fields),
};

function write(level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const details = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
  process.stderr.write(`[events] ${level}: ${message}${details}\n`);
}
