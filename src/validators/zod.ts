import { z } from 'zod/v4';

/**
 * A number, also given as the decimal digits in which `pg` returns `numeric` and `bigint` columns and ORMs their
 * decimals. Digits that a number cannot hold exactly are left as text, for the rule to refuse: nothing is rounded.
 */
export function numeric(rule: z.ZodType<number>): z.ZodType<number> {
  return z.preprocess((value) => (typeof value === 'string' ? exactNumber(value) : value), rule);
}

/**
 * RFC 3339 full-date, also given as a time stamp: what a `Date` becomes on its way into an event. It stands for
 * the day in UTC if it is midnight there, else for the day in local time, as `pg` reads date columns.
 */
export function day(): z.ZodType<string> {
  return z.preprocess((value) => (typeof value === 'string' ? dayOf(value) : value), z.iso.date());
}

/** Whether a text has so many characters; `length` counts those beyond U+FFFF twice. */
export function characters(least: number, most: number): (text: string) => boolean {
  return (text) => {
    const count = Array.from(text).length;
    return count >= least && count <= most;
  };
}

function exactNumber(digits: string): number | string {
  const parts = /^(-?)0*(\d+?)(?:\.(?=\d)(\d*?)0*)?$/.exec(digits);
  if (parts === null) return digits;
  const [, sign = '', whole = '', fraction = ''] = parts;
  const shortest = fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
  const value = Number(shortest);
  return String(value) === shortest ? value : digits;
}

function dayOf(text: string): string {
  if (/^\d{4}-\d\d-\d\dT/.test(text) === false) return text;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return text;
  if (time.getTime() % 86_400_000 === 0) return time.toISOString().slice(0, 10);
  const month = String(time.getMonth() + 1).padStart(2, '0');
  const dayOfMonth = String(time.getDate()).padStart(2, '0');
  return `${String(time.getFullYear()).padStart(4, '0')}-${month}-${dayOfMonth}`;
}
