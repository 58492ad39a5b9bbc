import { writeFileSync } from 'node:fs';
import { configJsonSchema, scenarioJsonSchema } from './json-schema.ts';

// Editors find them as node_modules/evtgen/config.schema.json and scenario.schema.json.
writeFileSync(new URL('../../config.schema.json', import.meta.url), configJsonSchema());
writeFileSync(new URL('../../scenario.schema.json', import.meta.url), scenarioJsonSchema());
