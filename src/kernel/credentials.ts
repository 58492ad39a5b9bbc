/**
 * Names under which entities keep what must not leave the application. A schema strips undeclared keys; this is
 * for the one place where data is kept although no schema has accepted it.
 */
const CREDENTIAL_NAME =
  /passw|passphrase|secret|token|hash|salt|apikey|privatekey|credential|authorization|cookie|cvv|cvc|otp/;

/** A copy of plain JSON data, less every property at any depth that is named like a credential. */
export function withoutCredentials(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withoutCredentials);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data)
      .filter(([name]) => CREDENTIAL_NAME.test(name.replaceAll(/[^a-z]/gi, '').toLowerCase()) === false)
      .map(([name, value]) => [name, withoutCredentials(value)]),
  );
}
