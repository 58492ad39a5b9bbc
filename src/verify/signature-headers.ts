import { KeyError, type Scheme, type SignRequest } from './schemes/scheme.ts';

/**
 * The headers of a message signed with every secret; during a rotation the new one and then the old one.
 * @throws KeyError when a secret cannot be used, or the scheme holds one signature only; RangeError for an id or time
 * that cannot be signed.
 */
export function signatureHeaders(
  scheme: Scheme,
  request: Omit<SignRequest, 'secret'>,
  secrets: readonly string[],
): Record<string, string> {
  const signed = secrets.map((secret) => scheme.sign({ ...request, secret }));
  const [first] = signed;
  if (first === undefined) throw new RangeError('signing needs at least one secret');
  if (signed.length === 1) return first;
  if (scheme.joinSignatures === undefined) throw new KeyError(`${scheme.title} takes one signature only`);
  const [header = ''] = scheme.headers;
  return { ...first, [header]: scheme.joinSignatures(signed.map((headers) => headers[header] ?? '')) };
}
