import { z } from 'zod';
import { configSchema } from './load.ts';

/** What editors complete and check `evtgen.config.json` with. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ ...schema, title: 'evtgen.config.json' }, null, 2)}\n`;
}
