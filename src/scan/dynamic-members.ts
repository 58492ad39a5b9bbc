import type { ts } from './project.ts';
import { reportUnresolved, type Run } from './run.ts';
import { native, type Value } from './values.ts';

/** A router, or what `router.route(path)` gives. */
export function registersMembers(owner: Value): boolean {
  return owner.kind === 'router' || (owner.kind === 'native' && owner.member?.('post')?.kind === 'native');
}

/** `router[method](…)` with a method that only the running program knows. */
export function dynamicMember(run: Run, owner: Value, node: ts.ElementAccessExpression): Value {
  return native((_args, site) => {
    reportUnresolved(run, site.node, `dynamic_method: ${node.argumentExpression.getText()}`);
    return owner;
  });
}
