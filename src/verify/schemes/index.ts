import type { HeaderFields } from '../message.ts';
import convoy from './convoy.ts';
import github from './github.ts';
import hook0 from './hook0.ts';
import outpost from './outpost.ts';
import type { Scheme } from './scheme.ts';
import shopify from './shopify.ts';
import slack from './slack.ts';
import square from './square.ts';
import standard from './standard.ts';
import stripe from './stripe.ts';
import svix from './svix.ts';
import twilio from './twilio.ts';

/** Every scheme with a name, in the order of detection. */
export const schemes: readonly Scheme[] = [
  standard,
  svix,
  stripe,
  github,
  slack,
  shopify,
  twilio,
  square,
  convoy,
  outpost,
  hook0,
];

/**
 * The scheme that a message's headers are of: the first whose signature is there, else the one of which most
 * other headers are; null where there is no sign of any.
 */
export function detectScheme(headers: HeaderFields): Scheme | null {
  const signed = schemes.find(
    ({ headers: [signature] }) => signature !== undefined && headers[signature] !== undefined,
  );
  if (signed !== undefined) return signed;
  const score = (scheme: Scheme): number =>
    scheme.headers.filter((name) => headers[name] !== undefined).length;
  const [best] = schemes.toSorted((a, b) => score(b) - score(a));
  return best !== undefined && score(best) > 0 ? best : null;
}
