import { parseDuration } from '../../ui/duration.ts';
import { EvtgenError } from '../../ui/errors.ts';
import { FAULTS, type Behaviour } from './behaviour.ts';
import { parseBehaviour } from './behaviour-input.ts';

/** A receiver that a flag asks for. */
export interface WantedReceiver {
  readonly name: string;
  readonly behaviour: Behaviour;
}

/** What is written behind a word and a colon. */
const WORDS: Readonly<Record<string, (value: string) => Readonly<Record<string, unknown>>>> = {
  'fail-next': (value) => ({ failNext: Number(value) }),
  'fail-percent': (value) => ({ failPercent: Number(value) }),
  seed: (value) => ({ seed: Number(value) }),
  delay: (value) => ({ delayMs: parseDuration(value) ?? Number.NaN }),
  drip: (value) => ({ dripMs: parseDuration(value) ?? Number.NaN }),
  body: (value) => ({ bodyBytes: Number(value) }),
  'retry-after': (value) => ({ retryAfterSeconds: secondsOf(value) }),
  'retry-after-date': (value) => ({ retryAfterSeconds: secondsOf(value), retryAfterForm: 'date' }),
  redirect: (value) => ({ location: value }),
};

/**
 * `--receiver NAME` or `--receiver NAME=ITEM[,ITEM…]`: a status, a fault (`reset`, `no-answer`, …), or a word with a
 * value (`delay:2s`, `fail-next:3`).
 * @throws EvtgenError `receiver_invalid`.
 */
export function parseReceiver(text: string): WantedReceiver {
  const [, name, list] = /^([a-zA-Z0-9][a-zA-Z0-9_-]{0,63})(?:=(.+))?$/.exec(text) ?? [];
  if (name === undefined) throw invalid(text, 'expected a name, or a name and what it does');
  const input: Record<string, unknown> = {};
  for (const item of list?.split(',') ?? []) Object.assign(input, partOf(item, text));
  const parsed = parseBehaviour(input);
  if (parsed.success) return { name, behaviour: parsed.data };
  const [issue] = parsed.error.issues;
  throw invalid(text, [issue?.path.join('.'), issue?.message].filter(Boolean).join(': '));
}

function partOf(item: string, text: string): Readonly<Record<string, unknown>> {
  if (/^\d{3}$/.test(item)) return { status: Number(item) };
  const fault = FAULTS.find((known) => known.replaceAll('_', '-') === item);
  if (fault !== undefined) return { fault };
  const [, word = '', value = ''] = /^([a-z-]+):(.+)$/.exec(item) ?? [];
  const read = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (read === undefined) throw invalid(text, `"${item}" is nothing that a receiver does`);
  return read(value);
}

function secondsOf(value: string): number {
  return Math.round((parseDuration(value) ?? Number.NaN) / 1000);
}

function invalid(text: string, what: string): EvtgenError {
  const faults = FAULTS.map((fault) => fault.replaceAll('_', '-'));
  return new EvtgenError('receiver_invalid', `--receiver ${text}: ${what}`, {
    hint: `known are a status, ${faults.join(', ')}, ${Object.keys(WORDS)
      .map((word) => `${word}:…`)
      .join(', ')}`,
  });
}
