import { writeFileSync } from 'node:fs';
import { configJsonSchema } from './json-schema.ts';

// Editors find it as node_modules/evtgen/config.schema.json.
writeFileSync(new URL('../../config.schema.json', import.meta.url), configJsonSchema());
