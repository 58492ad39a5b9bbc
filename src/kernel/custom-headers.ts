import { SecretBoxError } from './secret-box.ts';
import type { SecretBox } from './secret-box.ts';
import type { Endpoint } from './subscription-ports.ts';

/** The headers that the owner of a subscription wants to be sent; sealed, because they hold credentials as a rule. */
type CustomHeaders = Readonly<Record<string, string>>;

export function sealHeaders(secretBox: SecretBox, headers: CustomHeaders, id: string): string | undefined {
  return Object.keys(headers).length === 0 ? undefined : secretBox.seal(JSON.stringify(headers), id);
}

/** @throws SecretBoxError when they cannot be opened */
export function openHeaders(
  secretBox: SecretBox,
  { sealedHeaders, id }: Pick<Endpoint, 'sealedHeaders' | 'id'>,
): CustomHeaders {
  if (sealedHeaders === undefined) return {};
  return JSON.parse(secretBox.open(sealedHeaders, id)) as Record<string, string>;
}

/** Null where the key is lost: the subscription must still be seen, to be mended (by null for all of them) or deleted. */
export function headerNames(secretBox: SecretBox, endpoint: Endpoint): readonly string[] | null {
  try {
    return Object.keys(openHeaders(secretBox, endpoint)).sort();
  } catch (error) {
    if (error instanceof SecretBoxError) return null;
    throw error;
  }
}
