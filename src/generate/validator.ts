import { z } from 'zod/v4';
import type { JsonSchema } from '../scan/report.ts';
import * as helpers from '../validators/zod.ts';
import { schemaName, zodModule } from './zod-source.ts';

/**
 * The validator of an event's `data`, for use inside evtgen.
 *
 * `z.fromJSONSchema` would keep undeclared keys and take no dates or decimals, and a second converter could
 * drift from the emitted one. So this evaluates the very expression that `generate` writes; the text is built
 * by `zodModule` alone, and everything it takes from the schema file enters as a quoted literal.
 * @throws EvtgenError `unsupported_schema`.
 */
export function validatorFor(schema: JsonSchema, file: string): z.ZodType {
  const main = 'Data';
  const module = zodModule(schema, main, file);
  const constants = [...module.definitions, { name: main, zod: module.zod }].map(
    ({ name, zod }) => `const ${schemaName(name)} = ${zod};`,
  );
  const body = `'use strict';\n${constants.join('\n')}\nreturn ${schemaName(main)};`;
  // eslint-disable-next-line no-new-func -- see above
  const build = new Function('z', ...Object.keys(helpers), body) as (...values: unknown[]) => z.ZodType;
  return build(z, ...Object.values(helpers));
}
