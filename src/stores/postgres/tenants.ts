import type { TenantScope } from '../../kernel/tenant-scope.ts';

/** `tenant is not distinct from`, which no index can serve. */
export function ofTenant(placeholder: string, column = 'tenant'): string {
  return `(${column} = ${placeholder} or (${placeholder}::text is null and ${column} is null))`;
}

/** True for the rows of a scope, whose values are `$1` and `$2`; see `scopeValues`. */
export function inScope(table: string): string {
  return `($1::boolean or ${table}.tenant = $2::text or ($2::text is null and ${table}.tenant is null))`;
}

export function scopeValues(scope: TenantScope): unknown[] {
  return scope === 'all' ? [true, null] : [false, scope.tenant ?? null];
}
