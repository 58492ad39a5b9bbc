import { describe, expect, it } from 'vitest';
import { isAboutSecret, isSensitive, withoutSecrets } from '../../src/scan/sensitive.ts';

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
    'accessCode',
    'inviteCode',
    'licenseKey',
    'connectionString',
    'databaseUrl',
    'signedUrl',
    'uploadUrl',
    'inviteLink',
    'userpassword',
    'secretkey',
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
    'secretary',
    'tokenUrl',
    'tokenEndpoint',
    'authorizationUrl',
    'cookieConsent',
    'passwordStrength',
    'postalCode',
    'avatarUrl',
  ])('%s is kept', (name) => {
    expect(isSensitive(name, { type: 'string' })).toBe(false);
  });

  it('are told from counts and flags by their type', () => {
    expect(isSensitive('tokens', { type: 'number' })).toBe(false);
    expect(isSensitive('password', { type: 'boolean' })).toBe(false);
  });

  it('are the value of what is a secret itself', () => {
    expect(isAboutSecret('/users/:id/api-keys')).toBe(true);
    expect(isAboutSecret('/apiKeys.create')).toBe(true);
    expect(isAboutSecret('/secrets/:id')).toBe(true);
    expect(isAboutSecret('/tokens/:id/holders')).toBe(false);
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, value: { type: 'string' } },
      required: ['name', 'value'],
    } as const;
    expect(withoutSecrets(schema, true)).toEqual({
      schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      sensitive: ['value'],
    });
    expect(withoutSecrets(schema).sensitive).toEqual([]);
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
