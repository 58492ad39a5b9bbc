import type { Segment } from './segments.ts';
import { isActionVerb } from './verbs.ts';
import { singular } from './words.ts';

/** Of `writeOff`, `onBoarding` and `reScan`, which names need as one word. */
const PARTICLE = /^(?:away|back|de|down|in|multi|non|off|on|out|over|pre|re|sub|un|up)$/;
/** One word in English, however a class capitalises it. */
const ONE_WORD =
  /^(?:(?:check|play|wait|white|black|wish)list|data(?:base|set)|(?:file|host|nick|user)name|newsletter|pass(?:code|key|port|word)|time(?:line|sheet|zone)|web(?:hook|site)|work(?:flow|space))s?$/;
const BRAND =
  /^(?:bitbucket|clickup|facebook|github|gitlab|hubspot|launchdarkly|linkedin|mailchimp|onedrive|openai|paypal|quickbooks|sendgrid|sharepoint|tiktok|whatsapp|wordpress|youtube)$/;

/** `/memorydefinition` of `MemoryDefinitionController` in two words: a path in lower case does not say where they end. */
export function asSpelledIn(
  names: readonly (readonly string[])[],
  segments: readonly Segment[],
): readonly Segment[] {
  return segments.map((segment) => {
    if (segment.kind === 'parameter' || segment.words.length !== 1) return segment;
    const [word = ''] = segment.words;
    if (isActionVerb(word) || ONE_WORD.test(word) || BRAND.test(word)) return segment;
    const words = names.map((name) => partsOf(word, name)).find((parts) => parts !== null);
    return words === undefined ? segment : { kind: 'static', words };
  });
}

/** The words of a name that the word is written of, in the number that the word has. */
function partsOf(word: string, name: readonly string[]): readonly string[] | null {
  for (const start of name.keys()) {
    const parts: string[] = [];
    let rest = word;
    for (const part of name.slice(start)) {
      // `o` of `OAuth` is no word.
      if (part.length < 2 || (parts.length === 0 && PARTICLE.test(part))) break;
      if (parts.length > 0 && singular(rest) === singular(part)) {
        return PARTICLE.test(part) ? null : [...parts, rest];
      }
      if (!rest.startsWith(part)) break;
      parts.push(part);
      rest = rest.slice(part.length);
    }
  }
  return null;
}
