import { z } from 'zod/v4';

/** A decimal as database clients return it: decimal.js, Prisma.Decimal, big.js, bignumber.js. */
export interface DecimalLike {
  toNumber(): number;
  toString(): string;
}

/** Accepted where an event carries a number. */
export type NumberInput = number | bigint | DecimalLike;
/** Accepted where an event carries text: ids and amounts too wide for a number arrive as bigint or decimal. */
export type TextInput = string | bigint | DecimalLike;
/** Accepted where an event carries a timestamp or a calendar date. */
export type DateInput = string | Date;

/**
 * A number, also from a bigint, a decimal or the decimal string that `pg` returns for `numeric` and `bigint`.
 * What a JSON number cannot hold exactly enough (an integer beyond 2^53, NaN) is invalid, never rounded.
 */
export function numeric(rule: z.ZodType<number, number>): z.ZodType<number, NumberInput> {
  return z
    .custom<NumberInput>(isNumberInput, 'Invalid input: expected number')
    .transform((value) => Number(typeof value === 'object' ? value.toString() : value))
    .pipe(rule);
}

/** Text, also from a bigint or a decimal, written with all its digits. */
export function text(rule: z.ZodType<string, string>): z.ZodType<string, TextInput> {
  return z
    .custom<TextInput>(isTextInput, 'Invalid input: expected string')
    .transform((value) => value.toString())
    .pipe(rule);
}

/** RFC 3339 date-time; a `Date` becomes ISO 8601 UTC with milliseconds. */
export function dateTime(): z.ZodType<string, DateInput> {
  return z
    .union([z.string(), z.date()])
    .transform((value) => (typeof value === 'string' ? value : value.toISOString()))
    .pipe(z.iso.datetime({ offset: true }));
}

/** RFC 3339 full-date; a `Date` becomes the day that it stands for. */
export function date(): z.ZodType<string, DateInput> {
  return z
    .union([z.string(), z.date()])
    .transform((value) => (typeof value === 'string' ? value : dayOf(value)))
    .pipe(z.iso.date());
}

function isNumberInput(value: unknown): value is NumberInput {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value));
  const digits = isDecimal(value) ? value.toString() : value;
  if (typeof digits !== 'string' || /^-?\d+(\.\d+)?$/.test(digits) === false) return false;
  return digits.includes('.') || Number.isSafeInteger(Number(digits));
}

function isTextInput(value: unknown): value is TextInput {
  return typeof value === 'string' || typeof value === 'bigint' || isDecimal(value);
}

function isDecimal(value: unknown): value is DecimalLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'toNumber' in value &&
    typeof value.toNumber === 'function' &&
    typeof value.toString === 'function'
  );
}

/** Some clients return a date column as midnight UTC, others (`pg`) as midnight local time. */
function dayOf(value: Date): string {
  const isUtcMidnight = value.getTime() % 86_400_000 === 0;
  if (isUtcMidnight) return value.toISOString().slice(0, 10);
  const month = String(value.getMonth() + 1).padStart(2, '0');
  const day = String(value.getDate()).padStart(2, '0');
  return `${String(value.getFullYear()).padStart(4, '0')}-${month}-${day}`;
}
