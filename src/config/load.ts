import { join } from 'node:path';
import { z } from 'zod';
import { brokerIds } from '../brokers/index.ts';
import { transports } from '../transports/index.ts';
import { metricsBindings } from '../metrics/index.ts';
import { receivers } from '../receivers/index.ts';
import { stores } from '../stores/index.ts';
import { formatters } from '../generate/formatters.ts';
import { routeBindings } from '../routes/index.ts';
import { parseJson, readTextIfPresent } from './json-file.ts';

const CONFIG_FILE = 'evtgen.config.json';

/** A folder or file inside the project: relative, forward slashes, no `..`. */
const projectPath = z
  .string()
  .regex(
    /^(?!\/|[A-Za-z]:|~)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]+$/,
    'expected a relative path inside the project',
  );

const configSchema = z.strictObject({
  $schema: z.string().optional(),
  /** Where generated code goes. Default: `src/events`, or `lib/events` where there is no `src`. */
  output: projectPath.optional(),
  /** Default: what the dependencies tell. */
  framework: z.enum(routeBindings.map(({ id }) => id)).optional(),
  /** Where the routes are, as clients see it: `/api`. Default: the root, or `/api` for Next.js. */
  basePath: z
    .string()
    .regex(/^(?:\/[\w.~-]+)+$/, 'expected a path without a slash at its end, such as "/api"')
    .optional(),
  /** What the data is kept with, on PostgreSQL. Default: what package.json names. */
  store: z.enum(stores.map(({ id }) => id)).optional(),
  broker: z.enum(brokerIds).nullable().optional(),
  /** What sends webhooks: `node-http` needs no package, `undici` is the faster one. Default: `node-http`. */
  transport: z.enum(transports.map(({ id }) => id)).optional(),
  /** Where the emitted code sends its measurements. */
  metrics: z.enum(metricsBindings.map(({ id }) => id)).optional(),
  /** For which framework the code to receive webhooks of others is emitted. None unless given. */
  receiver: z.enum(receivers.map(({ id }) => id)).optional(),
  /** Whether the code that lets a consumer of a broker handle every event once is emitted, with its tables. */
  inbox: z.boolean().optional(),
  /** URI-reference put into every envelope (CloudEvents 1.0 `source`), so it holds no spaces. */
  source: z
    .string()
    .regex(/^[!-~]+$/, 'expected a URI-reference without spaces, such as "/orders-api"')
    .optional(),
  /** Where the client of the event stream for browsers goes, e.g. `src/lib/event-stream.ts`. None unless given. */
  browserClient: projectPath.regex(/\.ts$/, 'expected the path of a .ts file').optional(),
  /** What goes over the files that generate writes. Default: the project's own formatter; null for none. */
  formatter: z
    .enum(formatters.map(({ id }) => id))
    .nullable()
    .optional(),
  /** Folder of the migrations. */
  migrations: projectPath.optional(),
  scan: z
    .strictObject({
      include: z.array(z.string()).optional(),
      exclude: z.array(z.string()).optional(),
      /**
       * Parts of paths that only the running program knows: by their name in the path (`{config.prefix}`), by the
       * line of a mount or registration (`src/app.ts:12`) or by the file of one (`src/app.ts`).
       */
      prefixes: z
        .record(z.string(), z.string().regex(/^[^…]*$/, 'expected the prefix itself in place of "…"'))
        .optional(),
    })
    .optional(),
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
