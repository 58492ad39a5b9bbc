import type { Unresolved } from './report.ts';

/** Why something that registers mutations could not be followed. Codes are stable, sentences are for people. */
const SENTENCES = {
  budget: 'the registration code runs too long to be followed to its end; what comes after was not followed',
  described_routes:
    'this registers what a description of the API says, which is not read; its routes are not listed',
  dynamic_call:
    'a router is handed to code that only the running program knows; what that registers is not listed',
  dynamic_handler: 'only the running program knows which handler answers here',
  dynamic_method: 'only the running program knows for which methods this registers',
  dynamic_mount: 'only the running program knows what is mounted here; what that registers is not listed',
  dynamic_prefix:
    'only the running program knows the prefixes that this gives; paths below it may be listed without them',
  dynamic_route: 'only the running program knows what is registered here',
  file_too_large: 'the file is too large to have been written by hand, so it was not read',
  form_action: 'a form of a page posts to this, and no client of the API does, so it is not proposed',
  loop_too_long: 'the loop registers more than is followed; its later turns are not listed',
  model_routes:
    'this registers routes for the models that it is given, which is not followed; they are not listed',
  package_not_read: 'the package could not be read',
  syntax_error: 'the file could not be read from here on; what it registers may be missing',
  too_deep: 'the calls that lead here are nested too deep, so what this registers is not listed',
  unknown_decorator: 'a package that is not known makes a route of this, which is not listed',
  unknown_router: 'this looks like a registration, but what it is made on could not be followed to a router',
} as const;

type ReasonCode = keyof typeof SENTENCES;

/** A code, or a code and what it is about. */
export type Reason = ReasonCode | `${ReasonCode}: ${string}`;

/** What could not be followed, with its place and the sentence of its reason. */
export function unresolvedAt(file: string, line: number, reason: Reason): Unresolved {
  const words = reason.replaceAll(/\s+/g, ' ');
  return { file, line, reason: words, message: sentenceOf(codeOf(words)) };
}

/** The code of a reason. */
export function codeOf(reason: string): string {
  return reason.split(':', 1)[0] ?? reason;
}

function sentenceOf(code: string): string {
  return Object.hasOwn(SENTENCES, code) ? SENTENCES[code as ReasonCode] : code;
}
