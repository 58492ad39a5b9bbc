import type { KeyObject } from 'node:crypto';
import type { SecretBox } from './secret-box.ts';
import { signingKey } from './sign.ts';
import type { Endpoint } from './subscription-ports.ts';

/** What all attempts of an endpoint have in common. */
export interface OpenedEndpoint {
  readonly url: URL;
  /** Those that sign at this time, in milliseconds: after a rotation the old one does too, for a while. */
  keysAt(nowMs: number): readonly KeyObject[];
  /** Those that its owner wants to be sent. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Unseals endpoints, each once for as long as its object is in use: the fan-out keeps the active ones in memory, and
 * a change of a subscription makes a new object.
 * @throws SecretBoxError, SecretError when a secret cannot be opened or used.
 */
export function createEndpointOpener(secretBox: SecretBox): (endpoint: Endpoint) => OpenedEndpoint {
  const opened = new WeakMap<Endpoint, OpenedEndpoint>();

  function open(endpoint: Endpoint): OpenedEndpoint {
    const { id, sealedSecret, sealedPreviousSecret, previousSecretExpiresAtMs = 0, sealedHeaders } = endpoint;
    const current = [signingKey(secretBox.open(sealedSecret, id))];
    let both: readonly KeyObject[] | undefined;
    const custom = sealedHeaders === undefined ? '{}' : secretBox.open(sealedHeaders, id);
    return {
      url: new URL(endpoint.url),
      headers: JSON.parse(custom) as Record<string, string>,
      keysAt(nowMs): readonly KeyObject[] {
        if (sealedPreviousSecret === undefined || nowMs >= previousSecretExpiresAtMs) return current;
        both ??= [...current, signingKey(secretBox.open(sealedPreviousSecret, id))];
        return both;
      },
    };
  }

  return (endpoint) => {
    let known = opened.get(endpoint);
    if (known === undefined) {
      known = open(endpoint);
      opened.set(endpoint, known);
    }
    return known;
  };
}
