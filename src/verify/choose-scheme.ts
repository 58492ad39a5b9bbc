import { EvtgenError } from '../ui/errors.ts';
import type { HeaderFields } from './message.ts';
import { hmacScheme, type HmacParts } from './schemes/hmac.ts';
import { detectScheme, schemes } from './schemes/index.ts';
import type { Algorithm, Encoding, Scheme } from './schemes/scheme.ts';
import standard from './schemes/standard.ts';

/** Flags that say how a message is signed. */
export interface SchemeOptions {
  readonly scheme?: string | undefined;
  readonly signatureHeader?: string | undefined;
  readonly signaturePrefix?: string | undefined;
  readonly signed?: string | undefined;
  readonly timestampHeader?: string | undefined;
  readonly idHeader?: string | undefined;
  readonly algorithm?: Exclude<Algorithm, 'ed25519'> | undefined;
  readonly encoding?: Encoding | undefined;
  readonly keyEncoding?: Encoding | 'utf8' | undefined;
}

const PARTS = [
  'signatureHeader',
  'signaturePrefix',
  'signed',
  'timestampHeader',
  'idHeader',
  'algorithm',
  'encoding',
  'keyEncoding',
] as const;

/**
 * The scheme that the flags name; null where they name none, so that each message's headers tell.
 * @throws EvtgenError `scheme_unknown`, `usage`
 */
export function chosenScheme(options: SchemeOptions): Scheme | null {
  const { scheme } = options;
  if (scheme !== 'hmac' && PARTS.some((part) => options[part] !== undefined)) {
    throw new EvtgenError('usage', 'the parts of a signature go with --scheme hmac');
  }
  if (scheme === undefined) return null;
  if (scheme === 'hmac') return customScheme(options);
  const found = schemes.find(({ id }) => id === scheme);
  if (found !== undefined) return found;
  throw new EvtgenError('scheme_unknown', `there is no scheme "${scheme}"`, {
    hint: `known are ${schemes.map(({ id }) => id).join(', ')} and hmac`,
  });
}

/** By its headers; what has none is held against Standard Webhooks, which then says what is missing. */
export function schemeOf(headers: HeaderFields, chosen: Scheme | null): Scheme {
  return chosen ?? detectScheme(headers) ?? standard;
}

function customScheme(options: SchemeOptions): Scheme {
  if (options.signatureHeader === undefined) {
    throw new EvtgenError('usage', '--scheme hmac needs --signature-header');
  }
  const parts: HmacParts = {
    signatureHeader: options.signatureHeader,
    signaturePrefix: options.signaturePrefix ?? '',
    template: options.signed ?? '{body}',
    timestampHeader: options.timestampHeader,
    idHeader: options.idHeader,
    algorithm: options.algorithm ?? 'sha256',
    encoding: options.encoding ?? 'hex',
    keyEncoding: options.keyEncoding ?? 'utf8',
  };
  try {
    return hmacScheme(parts);
  } catch (error) {
    if (error instanceof RangeError) throw new EvtgenError('usage', `--signed: ${error.message}`);
    throw error;
  }
}
