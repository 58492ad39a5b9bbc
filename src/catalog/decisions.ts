import type { Mutation } from '../scan/report.ts';
import { EvtgenError } from '../ui/errors.ts';
import { mutationKey } from './merge.ts';
import { EVENT_TYPE_PATTERN } from './schema.ts';

/** What a person decided about one mutation: the event it emits, or why it has none. */
export type Decision = { readonly event: string } | { readonly ignore: string };

/** By `METHOD /path`; mutations without a decision take the proposal. */
export type Decisions = ReadonlyMap<string, Decision>;

/** Why a mutation that nobody wanted an event for is ignored, where no other reason was given. */
export const NOT_CHOSEN = 'not_chosen';

/** Flags of `scan --write` as commander collects them. */
export interface DecisionFlags {
  /** `METHOD /path=event.type` */
  readonly name?: readonly string[];
  /** `METHOD /path` or `METHOD /path=reason` */
  readonly ignore?: readonly string[];
}

/**
 * Reads decisions off the command line.
 * @throws EvtgenError `invalid_decision` for a flag that is malformed, or names a mutation that was not found.
 */
export function readDecisions(flags: DecisionFlags, mutations: readonly Mutation[]): Decisions {
  const found = new Set(mutations.map((mutation) => mutationKey(mutation)));
  const decisions = new Map<string, Decision>();
  const add = (flag: string, key: string, decision: Decision): void => {
    if (!found.has(key)) {
      throw new EvtgenError('invalid_decision', `${flag} names "${key}", which the scan did not find`, {
        hint: 'write it as the scan lists it, such as "POST /orders/:id/ship"',
      });
    }
    decisions.set(key, decision);
  };
  for (const text of flags.name ?? []) {
    const { key, value } = splitFlag(text);
    const problem = value === null ? 'needs METHOD /path=event.type' : problemOf(value);
    if (value === null || problem !== null) {
      throw new EvtgenError('invalid_decision', `--name "${text}" ${problem ?? ''}`.trimEnd());
    }
    add('--name', key, { event: value });
  }
  for (const text of flags.ignore ?? []) {
    const { key, value } = splitFlag(text);
    add('--ignore', key, { ignore: value ?? NOT_CHOSEN });
  }
  return decisions;
}

/** What is wrong with an event type, or null. */
export function problemOf(eventType: string): string | null {
  return EVENT_TYPE_PATTERN.test(eventType)
    ? null
    : 'is no event type: expected resource.action in lower snake case, such as order.shipped';
}

/** The flags that stand for decisions which differ from what `--write` alone would do. */
export function flagsOf(decisions: Decisions, mutations: readonly Mutation[]): string[] {
  return mutations.flatMap((mutation) => {
    const key = mutationKey(mutation);
    const decision = decisions.get(key);
    if (decision === undefined) return [];
    const isProposal = mutation.kind === 'mutation' && mutation.eventType !== null;
    if ('event' in decision) {
      return isProposal && decision.event === mutation.eventType
        ? []
        : ['--name', quoted(`${key}=${decision.event}`)];
    }
    if (!isProposal && decision.ignore === mutation.kind) return [];
    return ['--ignore', quoted(decision.ignore === NOT_CHOSEN ? key : `${key}=${decision.ignore}`)];
  });
}

/** A path may hold `=`, an event type may not: the last one divides. */
function splitFlag(text: string): { key: string; value: string | null } {
  const at = text.lastIndexOf('=');
  if (at === -1) return { key: text.trim(), value: null };
  return { key: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
