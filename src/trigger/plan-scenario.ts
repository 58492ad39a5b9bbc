import { sampleEvent } from '../samples/sample-event.ts';
import type { Json } from '../samples/sample.ts';
import type { LocalRegistry } from '../serve/registry.ts';
import { parseDuration } from '../ui/duration.ts';
import { EvtgenError } from '../ui/errors.ts';
import { formatPath, merged, type DataPath } from './data-path.ts';
import { planEvent, typeNamed, type PlannedEvent } from './planned-event.ts';
import { resolved, StepReferenceError, type EarlierSteps } from './references.ts';
import type { ScenarioFile, ScenarioStep } from './scenario-file.ts';

export interface ScenarioRequest {
  /** How often it is played, each time about other resources. */
  readonly count: number;
  readonly seed: number;
  /** Milliseconds since the epoch; fixed unless given. */
  readonly time: number | undefined;
}

/**
 * The events of a scenario in their order, with the values of earlier steps in the places that refer to them.
 * @throws EvtgenError naming file and place: `invalid_scenario`, `unknown_event_type`, `invalid_event`
 */
export function planScenario(
  { file, scenario }: ScenarioFile,
  { count, seed, time }: ScenarioRequest,
  registry: LocalRegistry,
): PlannedEvent[] {
  checkIds(file, scenario.steps);
  return Array.from({ length: count }, (_, run) => {
    const planned: PlannedEvent[] = [];
    const byId = new Map<string, PlannedEvent>();
    const seen = new Map<string, number>();
    for (const [index, step] of scenario.steps.entries()) {
      for (let repeat = 0; repeat < (step.count ?? 1); repeat++) {
        // The second of a type is about another resource; other types of that resource stay with the first.
        const occurrence = seen.get(step.type) ?? 0;
        seen.set(step.type, occurrence + 1);
        const at = { file, path: ['steps', index] as const, run: { seed, run, occurrence, time } };
        const event = planStep(step, at, byId, registry);
        const delayMs = repeat === 0 && step.delay !== undefined ? parseDuration(step.delay) : undefined;
        planned.push({ ...event, delayMs });
        if (step.id !== undefined) byId.set(step.id, event);
      }
    }
    return planned;
  }).flat();
}

interface StepPlace {
  readonly file: string;
  readonly path: DataPath;
  readonly run: {
    readonly seed: number;
    readonly run: number;
    readonly occurrence: number;
    readonly time: number | undefined;
  };
}

function planStep(
  step: ScenarioStep,
  { file, path, run }: StepPlace,
  earlier: EarlierSteps,
  registry: LocalRegistry,
): PlannedEvent {
  const place = `${file}: ${formatPath(path)}`;
  try {
    const type = typeNamed(step.type, registry);
    const over = resolved((step.data ?? {}) as Json, earlier, ['data']);
    const subject = step.subject === undefined ? undefined : resolved(step.subject, earlier, ['subject']);
    const data = merged(sampleEvent(type, run).data, over);
    const { event, dropped } = planEvent(
      type,
      { data, subject: subject === undefined ? undefined : String(subject), place },
      registry,
    );
    const [unknown] = dropped;
    if (unknown !== undefined) {
      throw new EvtgenError('undeclared_property', `${place}.${unknown}: ${type.file} has no such property`);
    }
    return event;
  } catch (error) {
    if (error instanceof StepReferenceError) {
      throw new EvtgenError(
        'invalid_scenario',
        `${file}: ${formatPath([...path, ...error.path])}: ${error.message}`,
      );
    }
    if (error instanceof EvtgenError && error.code === 'unknown_event_type') {
      throw new EvtgenError(error.code, `${place}.type: ${error.message}`, { hint: error.hint });
    }
    throw error;
  }
}

function checkIds(file: string, steps: readonly ScenarioStep[]): void {
  const known = new Map<string, number>();
  for (const [index, { id }] of steps.entries()) {
    if (id === undefined) continue;
    const other = known.get(id);
    if (other !== undefined) {
      throw new EvtgenError(
        'invalid_scenario',
        `${file}: steps[${index}].id: steps[${other}] is ${JSON.stringify(id)} already`,
      );
    }
    known.set(id, index);
  }
}
