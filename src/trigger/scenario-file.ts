import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseJson, readTextIfPresent } from '../config/json-file.ts';
import { isErrno, EvtgenError } from '../ui/errors.ts';
import { parseDuration } from '../ui/duration.ts';
import { nearest } from '../ui/nearest.ts';

export const SCENARIO_FOLDER = 'events/scenarios';
const MAX_STEP_COUNT = 10_000;

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'expected a duration such as 500ms or 2s');

// The descriptions are what editors show: they are in scenario.schema.json.
const step = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z][\w-]*$/, 'expected a name such as "order"')
    .optional()
    .describe('What later steps call it: {{steps.order.data.id}}.'),
  type: z.string().describe('The event type, as in events/catalog.json.'),
  data: z
    .record(z.string(), z.json())
    .optional()
    .describe(
      'Laid over the sample: objects are merged, all else is replaced. Texts may refer to earlier steps: {{steps.order.data.id}}.',
    ),
  subject: z.string().optional().describe('Id of the resource. Default: what the data says.'),
  delay: duration.optional().describe('What passes before it is sent: 500ms, 2s.'),
  count: z
    .int()
    .min(1)
    .max(MAX_STEP_COUNT)
    .optional()
    .describe('So many of them, each about a resource of its own. Later steps refer to the last.'),
});

export const scenarioSchema = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().optional().describe('What happens, in a sentence.'),
  steps: z.array(step).min(1).describe('The events, in the order in which they are sent.'),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioStep = Scenario['steps'][number];

/** A scenario and how messages name its file. */
export interface ScenarioFile {
  readonly file: string;
  readonly scenario: Scenario;
}

/** Names of the scenarios of a project, sorted. */
export function scenarioNames(root: string): string[] {
  try {
    return readdirSync(join(root, SCENARIO_FOLDER))
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .toSorted();
  } catch (error) {
    if (isErrno(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw new EvtgenError('unreadable_file', `cannot read ${SCENARIO_FOLDER}`, { cause: error });
  }
}

/**
 * Reads `events/scenarios/<name>.json`, or a file by its path.
 * @throws EvtgenError `unknown_scenario`, `invalid_json`, `invalid_file`
 */
export function loadScenario(root: string, name: string): ScenarioFile {
  const file = name.endsWith('.json') ? name : `${SCENARIO_FOLDER}/${name}.json`;
  const text = readTextIfPresent(resolve(root, file));
  if (text !== undefined) return { file, scenario: parseJson(file, text, scenarioSchema) };
  const names = scenarioNames(root);
  const near = nearest(name, names);
  throw new EvtgenError('unknown_scenario', `there is no ${file}`, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : names.length > 0
          ? `there are ${names.join(', ')}`
          : `a scenario is a file in ${SCENARIO_FOLDER} such as {"steps": [{"type": "order.created"}]}`,
  });
}
