import type { Access, Authorize } from './http-api.ts';
import type { Logger } from './ports.ts';
import { ProblemError } from './problem.ts';
import type { Tenant } from './subscription-ports.ts';

/** Whose rows a caller may see: those of one tenant, or of all. */
export type TenantScope = 'all' | { readonly tenant: Tenant };

/**
 * The scope of a request. Your own people who belong to no tenant see all of them, and may ask for one by
 * `?tenant=`; everybody else sees his own.
 *
 * @throws ProblemError 403 for who asks for a tenant and is not to choose
 */
export function scopeOf(
  caller: { readonly tenant: Tenant; readonly isOperator: boolean },
  askedFor: string | undefined,
): TenantScope {
  const mayChoose = caller.isOperator && caller.tenant === undefined;
  if (askedFor === undefined) return mayChoose ? 'all' : { tenant: caller.tenant };
  if (mayChoose === false && askedFor !== caller.tenant) {
    const detail = 'only operators who belong to no tenant may ask for one';
    throw new ProblemError({ status: 403, code: 'operators_only', detail });
  }
  return { tenant: askedFor };
}

/**
 * The hook, telling once when it gives a tenant although `emit` takes events without one: those reach no customer,
 * and nothing else would say so.
 */
export function remindOfTenants(authorize: Authorize, logger: Logger): Authorize {
  let isTold = false;
  return async (request): Promise<Access | undefined> => {
    const access = await authorize(request);
    if (access?.tenant != null && isTold === false) {
      isTold = true;
      logger.warn(
        '`authorize` gives tenants, whose subscriptions get their own events only, and `emit` takes events without ' +
          'a tenant, which reach none of them: set `isTenantRequired` to true, or to false if that is what you want',
      );
    }
    return access;
  };
}
