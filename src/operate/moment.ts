import { EvtgenError } from '../ui/errors.ts';
import { parseDuration } from '../ui/duration.ts';

/** A time as the API takes it, of `2026-01-31`, `2026-01-31T12:00:00Z`, or `2h` for so long ago. */
export function parseTimeFlag(flag: string, text: string, now = Date.now()): string {
  const time = timeOf(text, now);
  if (time !== undefined) return time;
  throw new EvtgenError('usage', `${flag}: expected a time or how long ago, got ${JSON.stringify(text)}`, {
    hint: 'such as 2026-01-31T12:00:00Z, 2026-01-31, 30m, 2h or 7d',
  });
}

/** The same, or a position of the log. */
export function parseSince(flag: string, text: string, now = Date.now()): string {
  if (/^\d{1,15}$/.test(text)) return text;
  const time = timeOf(text, now);
  if (time !== undefined) return time;
  throw new EvtgenError(
    'usage',
    `${flag}: expected a position, a time or how long ago, got ${JSON.stringify(text)}`,
    { hint: 'such as 1200, 2026-01-31T12:00:00Z, 2026-01-31, 30m, 2h or 7d' },
  );
}

function timeOf(text: string, now: number): string | undefined {
  const ago = /[a-z]$/.test(text) ? parseDuration(text) : undefined;
  if (ago !== undefined) return new Date(now - ago).toISOString();
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text);
  const time = isDay || isTime ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
