import { describe, expect, it } from 'vitest';
import { isSensitive, withoutSecrets } from '../../src/scan/sensitive.ts';

describe('properties that look secret', () => {
  it.each([
    'password',
    'passwordHash',
    'password_reset_token',
    'hash',
    'userHash',
    'salt',
    'token',
    'refreshToken',
    'access_token',
    'clientSecret',
    'apiKey',
    'API_KEY',
    'privateKey',
    'ssn',
    'socialSecurityNumber',
    'cardNumber',
    'cvv',
    'iban',
    'pin',
    'otp',
    'recoveryCodes',
  ])('%s is left out', (name) => {
    expect(isSensitive(name, { type: 'string' })).toBe(true);
  });

  it.each([
    'tokenCount',
    'nextPageToken',
    'passwordChangedAt',
    'hasPassword',
    'secretName',
    'contentHash',
    'commitHash',
    'pinnedAt',
    'pinColor',
    'keyboard',
    'publicKey',
    'accountNumber',
    'passenger',
    'company',
    'saltwater',
  ])('%s is kept', (name) => {
    expect(isSensitive(name, { type: 'string' })).toBe(false);
  });

  it('are told from counts and flags by their type', () => {
    expect(isSensitive('tokens', { type: 'number' })).toBe(false);
    expect(isSensitive('password', { type: 'boolean' })).toBe(false);
  });

  it('are left out at every depth', () => {
    const secret = {
      type: 'object',
      properties: { id: {}, token: { type: 'string' } },
      required: ['id', 'token'],
    } as const;
    const { schema, sensitive } = withoutSecrets({
      type: 'object',
      properties: {
        user: secret,
        users: { type: 'array', items: secret },
        either: { anyOf: [secret, { type: 'null' }] },
        byName: { type: 'object', additionalProperties: secret },
      },
    });
    expect(sensitive).toEqual(['token']);
    expect(JSON.stringify(schema)).not.toContain('token');
  });
});
