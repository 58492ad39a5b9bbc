import { createSecret } from '../../kernel/secret.ts';
import { DEFAULT_SETTINGS } from '../../kernel/subscriptions.ts';
import type { SecretBox } from '../../kernel/secret-box.ts';
import type { SubscriptionStore } from '../../kernel/subscription-ports.ts';
import type { LocalEndpoint, LocalRuntimeStore } from '../../stores/postgres/local-runtime.ts';
import { isLoopbackHost } from '../loopback.ts';

/** The receiver that exists from the start, subscribed to everything, so that the first event is seen at once. */
export const DEFAULT_RECEIVER = 'default';

export interface BuiltInReceiverOptions {
  readonly local: LocalRuntimeStore;
  readonly subscriptions: Pick<SubscriptionStore, 'create'>;
  readonly secretBox: SecretBox;
  readonly createId: () => string;
  /** Of this run, and of the run before. */
  readonly origin: string;
  readonly previousOrigin: string | undefined;
  /** Chosen by the user; else that of the run before, else a new one. */
  readonly secret: string | undefined;
}

/** Subscribes the default receiver unless it is, and gives the secret that signs for it. */
export async function subscribeBuiltInReceiver(options: BuiltInReceiverOptions): Promise<string> {
  const { local, subscriptions, secretBox, createId, origin, previousOrigin } = options;
  if (previousOrigin !== undefined) await moveReceivers(local, previousOrigin, origin);
  const endpoints = await local.endpoints();
  const known = endpoints.find(({ url }) => receiverAt(url, origin) === DEFAULT_RECEIVER);
  const [sealed] = known?.sealedSecrets ?? [];
  if (known === undefined || sealed === undefined) {
    const id = createId();
    const secret = options.secret ?? createSecret();
    await subscriptions.create({
      ...DEFAULT_SETTINGS,
      id,
      tenant: undefined,
      url: `${origin}/_receive/${DEFAULT_RECEIVER}`,
      description: 'built-in receiver',
      eventTypes: ['*'],
      sealedSecret: secretBox.seal(secret, id),
      sealedHeaders: undefined,
    });
    return secret;
  }
  const secret = secretBox.open(sealed, known.id);
  if (options.secret === undefined || options.secret === secret) return secret;
  await local.replaceSecret(known.id, secretBox.seal(options.secret, known.id));
  return options.secret;
}

/** The secrets of all subscriptions that deliver to a receiver of ours, active or not. */
export async function receiverSecrets(
  { local, secretBox }: Pick<BuiltInReceiverOptions, 'local' | 'secretBox'>,
  origin: string,
  name: string,
): Promise<string[]> {
  const endpoints = await local.endpoints();
  return endpoints
    .filter(({ url }) => receiverAt(url, origin) === name)
    .flatMap(({ id, sealedSecrets }) => sealedSecrets.map((sealed) => secretBox.open(sealed, id)));
}

/** What was subscribed while another port was in use goes on at this one, and over http:// again. */
async function moveReceivers(
  local: LocalRuntimeStore,
  previousOrigin: string,
  origin: string,
): Promise<void> {
  for (const endpoint of await local.endpoints()) {
    if (receiverAt(endpoint.url, previousOrigin) === undefined) continue;
    await replaceIfOther(local, endpoint, { protocol: 'http:', port: new URL(origin).port });
  }
}

/** Sends what is for a receiver by this scheme. */
export async function moveReceiver(
  local: LocalRuntimeStore,
  origin: string,
  name: string,
  protocol: 'http:' | 'https:',
): Promise<void> {
  for (const endpoint of await local.endpoints()) {
    if (receiverAt(endpoint.url, origin) !== name) continue;
    await replaceIfOther(local, endpoint, { protocol, port: new URL(origin).port });
  }
}

async function replaceIfOther(
  local: LocalRuntimeStore,
  { id, url }: LocalEndpoint,
  place: { readonly protocol: string; readonly port: string },
): Promise<void> {
  const moved = Object.assign(new URL(url), place).href;
  if (moved !== url) await local.replaceUrl(id, moved);
}

/** The name of the receiver at a URL; undefined when the URL leads elsewhere. */
export function receiverAt(text: string, origin: string): string | undefined {
  const { hostname, port, pathname } = new URL(text);
  if (!isLoopbackHost(hostname) || port !== new URL(origin).port) return undefined;
  return /^\/_receive\/([^/]+)$/.exec(pathname)?.[1];
}
