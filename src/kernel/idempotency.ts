import { createHash } from 'node:crypto';
import { notFound, ProblemError } from './problem.ts';
import type { Tenant } from './subscription-ports.ts';

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';
export const MAX_KEY_LENGTH = 255;

const KEPT_MS = 24 * 60 * 60 * 1000;
/** Longer than a request may take; after that a crash is taken for granted. */
const LEASE_MS = 60_000;

export interface KeyClaim {
  readonly tenant: Tenant;
  readonly key: string;
  readonly requestHash: string;
  /** The id that the result gets if this claim is the first. */
  readonly resultId: string;
  readonly leaseMs: number;
  readonly keptMs: number;
}

/** What a key stands for when a request with it comes. */
export type KeyState =
  /** The request is to be carried out; `resultId` may be that of one which died on the way. */
  | { readonly state: 'claimed'; readonly resultId: string }
  | { readonly state: 'completed'; readonly resultId: string }
  | { readonly state: 'in_progress' }
  | { readonly state: 'other_request' };

export interface IdempotencyStore {
  /** Claims the key, unless it is completed, or claimed and its lease has not ended. Purges what has expired. */
  claim(claim: KeyClaim): Promise<KeyState>;
  complete(tenant: Tenant, key: string): Promise<void>;
  /** Forgets a key whose request was refused. */
  release(tenant: Tenant, key: string): Promise<void>;
}

export interface CreateOnce<Resource> {
  readonly keys: IdempotencyStore;
  readonly tenant: Tenant;
  /** The value of the header; null when there is none, and `create` simply runs. */
  readonly key: string | null;
  /** What makes the request what it is: method, path and body. */
  readonly fingerprint: readonly (string | Uint8Array)[];
  readonly createId: () => string;
  create(id: string): Promise<Resource>;
  /** What `create` made before; undefined when it is gone. */
  find(id: string): Promise<Resource | undefined>;
}

/** `isRepeat`: it was created by an earlier request with the same key. */
export interface Created<Resource> {
  readonly resource: Resource;
  readonly isRepeat: boolean;
}

/**
 * Creates something at most once for a key and a tenant. What was created is found again by its id: nothing of the
 * answer is stored, so no secret is.
 *
 * @throws ProblemError 400 for what is no key, 409 while the first request is in progress, 410 when what it created is
 * gone, 422 when the key came with another request
 */
export async function createOnce<Resource>(options: CreateOnce<Resource>): Promise<Created<Resource>> {
  const { keys, tenant, key, createId, create, find } = options;
  if (key === null) return { resource: await create(createId()), isRepeat: false };
  if (/^[\x20-\x7e]{1,255}$/.test(key) === false) throw new ProblemError(malformedKey);

  const requestHash = hashOf(options.fingerprint);
  const lasting = { leaseMs: LEASE_MS, keptMs: KEPT_MS };
  const known = await keys.claim({ tenant, key, requestHash, resultId: createId(), ...lasting });
  if (known.state === 'other_request') throw new ProblemError(otherRequest);
  if (known.state === 'in_progress') throw new ProblemError(inProgress);
  const existing = await find(known.resultId);
  if (known.state === 'completed') {
    if (existing === undefined) throw new ProblemError(gone);
    return { resource: existing, isRepeat: true };
  }
  // Whoever held the claim before may have come as far as creating it.
  const resource = existing ?? (await createOrRelease(options, key, known.resultId));
  await keys.complete(tenant, key);
  return { resource, isRepeat: existing !== undefined };
}

async function createOrRelease<Resource>(
  { keys, tenant, create }: CreateOnce<Resource>,
  key: string,
  id: string,
): Promise<Resource> {
  try {
    return await create(id);
  } catch (error) {
    // A refused request has created nothing, and may come again corrected. Of any other failure nobody knows how far
    // it came: the claim stands until its lease ends.
    if (error instanceof ProblemError) await keys.release(tenant, key);
    throw error;
  }
}

function hashOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64url');
}

const malformedKey = {
  status: 400,
  code: 'bad_idempotency_key',
  detail: `Idempotency-Key must be 1 to ${MAX_KEY_LENGTH} printable ASCII characters`,
} as const;

const otherRequest = {
  status: 422,
  code: 'idempotency_key_reused',
  detail: 'this Idempotency-Key came with another request within the last 24 hours',
} as const;

const inProgress = {
  status: 409,
  code: 'request_in_progress',
  detail: 'a request with this Idempotency-Key is still in progress',
  headers: { 'retry-after': '1' },
} as const;

const gone = {
  ...notFound,
  status: 410,
  code: 'gone',
  detail: 'what the first request with this Idempotency-Key created is gone',
} as const;
