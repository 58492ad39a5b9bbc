import type { Module, Run } from './run.ts';
import type { Value } from './values.ts';

/**
 * Gives a CommonJS module's exports to those that required it before it had ended and replaced them. The program may
 * load its files in another order than the scan does, in which nobody came too early.
 */
export function correctEarlyReads(run: Run, module: Module, early: Value): void {
  const exported = module.moduleObject.properties.get('exports');
  if (exported === undefined || exported === early) return;
  for (const { scope } of run.modules.values()) {
    if (scope === module.scope) continue;
    for (const [name, value] of scope.names) {
      if (value === early) scope.names.set(name, exported);
    }
  }
}
