import type { KeyObject } from 'node:crypto';
import { openHeaders } from './custom-headers.ts';
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
    const keyOf = (sealedSecret: string): KeyObject => signingKey(secretBox.open(sealedSecret, endpoint.id));
    const current = [keyOf(endpoint.sealedSecret)];
    let all: readonly KeyObject[] | undefined;
    return {
      url: new URL(endpoint.url),
      headers: openHeaders(secretBox, endpoint),
      keysAt(nowMs): readonly KeyObject[] {
        // The last to expire comes first, so those that sign are the first ones.
        const signing = endpoint.previousSecrets.filter(({ expiresAtMs }) => nowMs < expiresAtMs).length;
        if (signing === 0) return current;
        all ??= [...current, ...endpoint.previousSecrets.map(({ sealedSecret }) => keyOf(sealedSecret))];
        return all.slice(0, 1 + signing);
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
