import type { JsonSchema } from './report.ts';
import { without } from './schemas.ts';
import { wordsOf } from './words.ts';

/** Words that make a property secret wherever they stand in its name. */
const SECRET_WORDS =
  /^(?:passwords?|passwd|pwd|passphrase|passcode|secrets?|ssn|cvv2?|cvc2?|jwt|bearer|otp|totp|iban|mnemonic|credentials?|authorization|cookies?)$/;
/** Secret at the end of a name: `access_token`, but not `token_count`. */
const SECRET_ENDINGS = /^(?:tokens?|salt|hash|pin)$/;
/** What a hash or salt must be of to be secret; a hash of content is none. */
const HASHED = /^(?:password|pass|pw|user|token|key|secret|otp|pin|code|auth|login|api)$/;
/** Tokens that only mark a place in a list or a text. */
const HARMLESS_TOKENS =
  /^(?:page|next|previous|prev|cursor|continuation|sync|max|min|total|prompt|completion|input|output|used)$/;
const SECRET_PAIRS =
  /(?:^|_)(?:(?:access|invite|invitation|join|login|auth|mfa|two_factor|activation|confirmation|pairing|pin|magic)_code|license_key|connection_(?:string|uri|url)|api_?key|apikey|private_key|secret_key|access_key|signing_key|encryption_key|service_key|master_key|card_number|security_code|social_security(?:_number)?|passport_number|national_id|bank_account(?:_number)?|routing_number|recovery_codes?|backup_codes?|verification_code|reset_code|seed_phrase)$/;
/** Whoever has the address may do what it is for. */
const BEARER_ADDRESS =
  /(?:^|_)(?:signed|presigned|upload|magic|reset|activation|confirmation|invite|invitation|unsubscribe|database|db|mongo|mongodb|postgres|redis)_(?:url|uri|link|dsn)$/;
/** Of a secret that the event is about: `POST /api-keys` gives the key as its `value`. */
const OF_SECRET = /^(?:key|value|plain\w*|raw\w*|full_?key)$/;
const SECRET_THING = /(?:^|_)(?:api_?keys?|tokens?|secrets?|credentials?)$/;
/** About a secret, not the secret: `password_changed_at`, `secret_name`. */
const METADATA =
  /^(?:at|on|id|ids|count|type|kind|name|expires|expiry|expiration|expired|enabled|length|limit|usage|used|version|hint|set|required|status|policy|ttl|last4|url|uri|endpoint|method|label|title|description|scopes?|provider|domain|consent|preferences|settings|strength)$/;
const PREDICATE = /^(?:is|has|needs|requires|must|can|should)$/;

/**
 * Whether a property looks like a secret that must not leave the service: credentials, their hashes, keys, card and
 * national numbers. Judged by its name; values that are numbers or booleans are no tokens, hashes or keys.
 */
export function isSensitive(name: string, schema: JsonSchema = {}): boolean {
  if (schema.type === 'boolean' || schema.format === 'date-time') return false;
  const words = wordsOf(name);
  const [first = ''] = words;
  const last = words.at(-1) ?? '';
  const joined = words.join('_');
  if (BEARER_ADDRESS.test(joined) || SECRET_PAIRS.test(joined)) return true;
  if (words.length > 1 && (METADATA.test(last) || PREDICATE.test(first))) return false;
  if (words.some((word) => SECRET_WORDS.test(word))) return true;
  if (/^(?:pan|apikey)$/.test(joined)) return true;
  // `userpassword` and `secretkey`, but not `secretary`
  if (!SECRET_ENDINGS.test(last)) {
    return /(?:password|passwd|secret|(?:secret|private|signing|encryption|license)key)s?$/.test(last);
  }
  if (schema.type === 'number' || schema.type === 'integer') return last === 'pin' && words.length === 1;
  if (words.length === 1) return true;
  const before = words.at(-2) ?? '';
  if (last === 'hash' || last === 'salt') return HASHED.test(before);
  return last === 'pin' ? HASHED.test(before) : !HARMLESS_TOKENS.test(before);
}

export interface Stripped {
  readonly schema: JsonSchema;
  /** Names of what was left out, sorted, each once. */
  readonly sensitive: readonly string[];
}

/** Whether what a path is about is a secret itself: `/users/:id/api-keys`, `/apiKeys.create`. */
export function isAboutSecret(path: string): boolean {
  const named = path.split('/').filter((segment) => segment !== '' && !segment.startsWith(':'));
  const [thing = ''] = (named.at(-1) ?? '').split('.');
  return SECRET_THING.test(wordsOf(thing).join('_'));
}

/** A schema without its secret properties, at every depth. */
export function withoutSecrets(schema: JsonSchema, isOfSecret = false): Stripped {
  const found = new Set<string>();
  const strip = (node: JsonSchema): JsonSchema => {
    const { properties, required, items, anyOf, additionalProperties, definitions } = node;
    const kept = properties === undefined ? undefined : stripProperties(properties, strip, found);
    return {
      ...node,
      ...(kept === undefined ? {} : { properties: kept }),
      ...(required === undefined || kept === undefined
        ? {}
        : { required: required.filter((name) => Object.hasOwn(kept, name)) }),
      ...(items === undefined ? {} : { items: strip(items) }),
      ...(anyOf === undefined ? {} : { anyOf: anyOf.map(strip) }),
      ...(typeof additionalProperties === 'object'
        ? { additionalProperties: strip(additionalProperties) }
        : {}),
      ...(definitions === undefined
        ? {}
        : { definitions: stripProperties(definitions, strip, new Set(), false) }),
    };
  };
  const stripped = strip(isOfSecret ? withoutOwnSecret(schema, found) : schema);
  return { schema: stripped, sensitive: [...found].sort() };
}

function withoutOwnSecret(schema: JsonSchema, found: Set<string>): JsonSchema {
  const names = Object.entries(schema.properties ?? {}).flatMap(([name, { type }]) => {
    const isText = type === undefined || [type].flat().includes('string');
    return isText && OF_SECRET.test(wordsOf(name).join('_')) ? [name] : [];
  });
  for (const name of names) found.add(name);
  return without(schema, names);
}

function stripProperties(
  properties: Readonly<Record<string, JsonSchema>>,
  strip: (node: JsonSchema) => JsonSchema,
  found: Set<string>,
  isJudged = true,
): Record<string, JsonSchema> {
  const kept: Record<string, JsonSchema> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (isJudged && isSensitive(name, value)) found.add(name);
    else kept[name] = strip(value);
  }
  return kept;
}
