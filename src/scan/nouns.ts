import type { Segment } from './segments.ts';
import { isActionVerb, isPureVerb } from './verbs.ts';
import { singular } from './words.ts';

/** Short forms that nobody would want in a name. */
const LONG_FORM: Readonly<Record<string, string>> = {
  apikey: 'api_key',
  apitoken: 'api_token',
  creds: 'credentials',
  cred: 'credential',
  userinfo: 'user_info',
};

/** One resource as event types name it: `order_line` of `order-lines`. */
export function nounOf(words: readonly string[]): string {
  const noun = singularWords(words);
  return /^[a-z]/.test(noun) ? noun : `resource_${noun}`;
}

export function singularWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  const long = words.map((word, index) => {
    const plain = index === words.length - 1 ? singular(last) : word;
    return (Object.hasOwn(LONG_FORM, plain) ? LONG_FORM[plain] : undefined) ?? plain;
  });
  return long.join('_');
}

/** Words of a thing as they stand: `recovery_codes`. */
export function plainNoun(words: readonly string[]): string {
  return words.map((word) => (Object.hasOwn(LONG_FORM, word) ? LONG_FORM[word] : word)).join('_');
}

/** The static segments as singular nouns; verbs among them are no resources. */
export function resourcesOf(segments: readonly Segment[]): string[] {
  return nounsOf(segments, () => true);
}

/**
 * The same where another verb follows, so that what is a noun as well is one: `/drive/file/create` creates a file.
 * `block` of `/block/:userId/report` is done to what follows it.
 */
export function resourcesBeforeVerb(segments: readonly Segment[]): string[] {
  return nounsOf(
    segments,
    (word, next) => isPureVerb(word) || next?.kind === 'parameter' || /^(?:process|trigger)$/.test(word),
  );
}

function nounsOf(
  segments: readonly Segment[],
  isVerbBefore: (word: string, next: Segment | undefined) => boolean,
): string[] {
  return segments.flatMap((segment, index) => {
    if (segment.kind === 'parameter') return segment.isOwn && index === 0 ? ['user'] : [];
    const [first] = segment.words;
    const isAlone = index > 0 && segment.words.length === 1 && first !== undefined;
    const isVerb = isAlone && isActionVerb(first) && isVerbBefore(first, segments[index + 1]);
    return isVerb ? [] : [nounOf(segment.words)];
  });
}
