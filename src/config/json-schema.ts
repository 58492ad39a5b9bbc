import { z } from 'zod';
import { scenarioSchema } from '../trigger/scenario-file.ts';
import { configSchema } from './load.ts';

/** What editors complete and check `evtgen.config.json` with. */
export function configJsonSchema(): string {
  return jsonSchemaOf(configSchema, 'evtgen.config.json');
}

/** The same for the files in `events/scenarios`. */
export function scenarioJsonSchema(): string {
  return jsonSchemaOf(scenarioSchema, 'A scenario of evtgen trigger');
}

function jsonSchemaOf(schema: z.ZodType, title: string): string {
  const converted = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ ...converted, title }, null, 2)}\n`;
}
