import { join } from 'node:path';
import { z } from 'zod';
import { brokerIds } from '../brokers/index.ts';
import { transports } from '../transports/index.ts';
import { metricsBindings } from '../metrics/index.ts';
import { receivers } from '../receivers/index.ts';
import { formatters } from '../generate/formatters.ts';
import { stores } from '../stores/index.ts';
import { routeBindings } from '../routes/index.ts';
import { parseJson, readTextIfPresent } from './json-file.ts';

export const CONFIG_FILE = 'evtgen.config.json';

/** A folder or file inside the project: relative, forward slashes, no `..`. */
const projectPath = z
  .string()
  .regex(
    /^(?!\/|[A-Za-z]:|~)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]+$/,
    'expected a relative path inside the project',
  );

// The descriptions are what editors show: they are in config.schema.json.
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  output: projectPath
    .optional()
    .describe(
      'Where generated code goes. Default: `src/events`, or `lib/events` where there is no `src`; where the server is in another folder, `events` in that.',
    ),
  framework: z
    .enum(routeBindings.map(({ id }) => id))
    .optional()
    .describe('What the API runs on. Default: what the dependencies tell.'),
  basePath: z
    .string()
    .regex(/^(?:\/[\w.~-]+)+$/, 'expected a path without a slash at its end, such as "/api"')
    .optional()
    .describe('Where the routes are, as clients see it: `/api`. Default: the root, or `/api` for Next.js.'),
  store: z
    .enum(stores.map(({ id }) => id))
    .optional()
    .describe('What the data is kept with, on PostgreSQL. Default: what package.json names.'),
  broker: z
    .enum(brokerIds)
    .nullable()
    .optional()
    .describe('What events are published to, internal ones too; nothing unless given.'),
  transport: z
    .enum(transports.map(({ id }) => id))
    .optional()
    .describe(
      'What sends webhooks: `node-http` needs no package, `undici` is the faster one. Default: `node-http`.',
    ),
  metrics: z
    .enum(metricsBindings.map(({ id }) => id))
    .nullable()
    .optional()
    .describe('Where the emitted code sends its measurements; nowhere unless given.'),
  receiver: z
    .enum(receivers.map(({ id }) => id))
    .optional()
    .describe('For which framework the code to receive webhooks of others is emitted. None unless given.'),
  inbox: z
    .boolean()
    .optional()
    .describe(
      'Whether the code that lets a consumer of a broker handle every event once is emitted, with its tables.',
    ),
  source: z
    .string()
    .regex(/^[!-~]+$/, 'expected a URI-reference without spaces, such as "/orders-api"')
    .optional()
    .describe('URI-reference put into every envelope (CloudEvents 1.0 `source`), so it holds no spaces.'),
  browserClient: projectPath
    .regex(/\.ts$/, 'expected the path of a .ts file')
    .optional()
    .describe(
      'Where the client of the event stream for browsers goes, e.g. `src/lib/event-stream.ts`. None unless given.',
    ),
  formatter: z
    .enum(formatters.map(({ id }) => id))
    .nullable()
    .optional()
    .describe(
      "What goes over the files that generate writes. Default: the project's own formatter; null for none.",
    ),
  migrations: projectPath.optional().describe('Folder of the migrations.'),
  scan: z
    .strictObject({
      include: z
        .array(z.string())
        .optional()
        .describe('Folders and files to read, as globs. Default: all sources.'),
      exclude: z.array(z.string()).optional().describe('Folders and files to leave out, as globs.'),
      prefixes: z
        .record(z.string(), z.string().regex(/^[^…]*$/, 'expected the prefix itself in place of "…"'))
        .optional()
        .describe(
          'Parts of paths that only the running program knows: by their name in the path (`{config.prefix}`), by the line of a mount or registration (`src/app.ts:12`) or by the file of one (`src/app.ts`).',
        ),
    })
    .optional()
    .describe('What of the project `evtgen scan` reads, and what it cannot know.'),
});

/** The choices of `evtgen.config.json`; what is absent is detected. */
export type Config = z.infer<typeof configSchema>;

/**
 * Reads `evtgen.config.json` of a project; an absent file is an empty config.
 * @throws EvtgenError `invalid_json`, `invalid_file` or `unreadable_file`, naming file, JSON path, expected
 * and got.
 */
export function loadConfig(root: string): Config {
  const text = readTextIfPresent(join(root, CONFIG_FILE));
  return text === undefined ? {} : parseJson(CONFIG_FILE, text, configSchema);
}
