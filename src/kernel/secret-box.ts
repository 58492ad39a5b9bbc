import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = 'sealed';
const PLAIN = 'plain';

/** Keeps secrets unreadable at rest. */
export interface SecretBox {
  /** True when what it stores can be read without a key; refused in production. */
  readonly isPlain: boolean;
  /** @param owner id of the row; a sealed text moved to another row does not open. */
  seal(text: string, owner: string): string;
  /** @throws SecretBoxError when the key is unknown or the text was changed. */
  open(sealed: string, owner: string): string;
}

export interface EncryptionKey {
  /** Stored beside each secret, so that a key can be replaced while old secrets are still readable. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** A stored secret cannot be opened, or a key is no key. */
export class SecretBoxError extends Error {
  override readonly name: string = 'SecretBoxError';
}

/**
 * AES-256-GCM. The first key seals; all of them open.
 * @throws SecretBoxError when there is no key, or one is not 32 bytes, or two have the same id.
 */
export function createSecretBox(keys: readonly EncryptionKey[]): SecretBox {
  const [current] = keys;
  if (current === undefined) throw new SecretBoxError('at least one encryption key is needed');
  const byId = new Map<string, Uint8Array>();
  for (const { id, key } of keys) {
    if (/^[\w-]+$/.test(id) === false)
      throw new SecretBoxError(`"${id}" is no key id: letters, digits, _ and -`);
    if (key.length !== KEY_BYTES)
      throw new SecretBoxError(`key "${id}" has ${key.length} bytes, not ${KEY_BYTES}`);
    if (byId.has(id)) throw new SecretBoxError(`key id "${id}" is used twice`);
    byId.set(id, key);
  }

  return {
    isPlain: false,

    seal(text, owner): string {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.key, iv).setAAD(Buffer.from(owner));
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${SEALED}.${current.id}.${sealed.toString('base64url')}`;
    },

    open(sealed, owner): string {
      const [form, keyId, payload] = sealed.split('.');
      // Rows written before a key was configured stay readable; the next rotation seals them.
      if (form === PLAIN) return plainSecretBox.open(sealed, owner);
      const key = keyId === undefined ? undefined : byId.get(keyId);
      if (form !== SEALED || payload === undefined)
        throw new SecretBoxError(`the secret of ${owner} is not sealed`);
      if (key === undefined)
        throw new SecretBoxError(`the secret of ${owner} needs the unknown key "${keyId}"`);
      return decrypt(key, Buffer.from(payload, 'base64url'), owner);
    },
  };
}

/**
 * The box of an application with one key, or with none, which is for development.
 * @throws SecretBoxError when the key is not 32 bytes
 */
export function secretBoxOf(key: Uint8Array | undefined): SecretBox {
  return key === undefined ? plainSecretBox : createSecretBox([{ id: '1', key }]);
}

/** For development: stores as it is. */
export const plainSecretBox: SecretBox = {
  isPlain: true,
  seal: (text) => `${PLAIN}.${Buffer.from(text).toString('base64url')}`,
  open(sealed, owner): string {
    const [form, payload] = sealed.split('.');
    if (form !== PLAIN || payload === undefined) {
      throw new SecretBoxError(`the secret of ${owner} is encrypted, and no encryption key is configured`);
    }
    return Buffer.from(payload, 'base64url').toString();
  },
};

/**
 * Reads a key as configuration holds it: 32 bytes in base64 or hex.
 * @throws SecretBoxError when it is neither. The message does not contain the key.
 */
export function parseEncryptionKey(text: string): Uint8Array {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES) {
    throw new SecretBoxError(
      'the encryption key must be 32 bytes in base64 (openssl rand -base64 32) or hex',
    );
  }
  return bytes;
}

function decrypt(key: Uint8Array, payload: Uint8Array, owner: string): string {
  const iv = payload.subarray(0, IV_BYTES);
  const tag = payload.subarray(payload.length - TAG_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(owner)).setAuthTag(tag);
    const text = decipher.update(payload.subarray(IV_BYTES, payload.length - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString();
  } catch (error) {
    throw new SecretBoxError(`the secret of ${owner} does not open with its key`, { cause: error });
  }
}
