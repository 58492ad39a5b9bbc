import type { ts } from '../scan/project.ts';
import { EVENTS, eventsImport, specifierFor, type EventsTarget } from './events-import.ts';
import { inject, injectableAround } from './inject.ts';
import type { Splice } from './insert.ts';
import type { Program } from './program.ts';

/** How code reaches the emitter. */
export type Emitter =
  | {
      readonly kind: 'emitter';
      /** `events`, or `this.events`. */
      readonly name: string;
      readonly splices: readonly Splice[];
    }
  | { readonly kind: 'refusal'; readonly reason: string };

/** The emitter at a node: imported, or injected into a provider of NestJS. */
export function emitterAt(program: Program, target: EventsTarget, node: ts.Node): Emitter {
  const provider = target.isInjected ? injectableAround(node) : null;
  if (provider !== null) {
    const specifier = specifierFor(program, target, provider.getSourceFile(), 'events.module');
    const injection = inject(program, provider, node, specifier);
    return injection.kind === 'refusal' ? injection : { ...injection, kind: 'emitter' };
  }
  const imported = eventsImport(program, target, node.getSourceFile());
  if (imported.kind === 'taken') {
    return { kind: 'refusal', reason: `\`${EVENTS}\` is already another name in this file` };
  }
  const splices = imported.insertion === null ? [] : [imported.insertion];
  return { kind: 'emitter', name: imported.name, splices };
}
