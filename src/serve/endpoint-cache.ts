import type { LocalEndpoint, LocalRuntimeStore } from '../stores/postgres/local-runtime.ts';

/** The store, which reads the endpoints once until they change: every request to a receiver asks for them. */
export interface CachedEndpoints extends LocalRuntimeStore {
  /** They were changed elsewhere. */
  forget(): void;
}

export function cacheEndpoints(local: LocalRuntimeStore): CachedEndpoints {
  let endpoints: Promise<LocalEndpoint[]> | undefined;
  const forget = (): void => {
    endpoints = undefined;
  };

  return {
    ...local,
    forget,
    endpoints() {
      const read = endpoints ?? local.endpoints();
      // A read that failed is no answer to the next who asks.
      read.catch(forget);
      endpoints = read;
      return read;
    },
    async replaceUrl(subscriptionId, url) {
      await local.replaceUrl(subscriptionId, url);
      forget();
    },
    async replaceSecret(subscriptionId, sealedSecret) {
      await local.replaceSecret(subscriptionId, sealedSecret);
      forget();
    },
  };
}
