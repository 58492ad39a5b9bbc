import type { ChalkInstance } from 'chalk';
import type { ExplainedStep, RouteExplanation } from './explain.ts';
import type { Place } from './places.ts';

/** What is said, the place that it is read off, and how deep below the line before it belongs. */
interface Line {
  readonly words: string;
  readonly place?: Place | undefined;
}

/** An explanation for people: what was arrived at on the left, and where it is written on the right. */
export function formatExplanation(route: RouteExplanation, paint: ChalkInstance): string[] {
  const sections: [string, readonly Line[]][] = [
    ['path', route.steps.flatMap(stepLines)],
    ['handler', handlerLines(route)],
    ['kind', [{ words: `${route.kind.is}: ${route.kind.because}` }]],
    ['event', eventLines(route)],
    ['payload', payloadLines(route)],
  ];
  const wide = sections.flatMap(([, lines]) => lines.filter(({ place }) => place !== undefined));
  const width = Math.min(90, Math.max(0, ...wide.map(({ words }) => words.length)));
  return [
    `${paint.bold(route.method)} ${paint.bold(route.path)}${route.partial ? paint.yellow('  (partial)') : ''}  ${paint.dim(route.framework)}`,
    ...sections.flatMap(([title, lines]) => [
      paint.underline(title),
      ...lines.map(({ words, place }) =>
        place === undefined
          ? `  ${words}`
          : `  ${words.padEnd(width)}  ${paint.dim(`${place.file}:${place.line}`)}`,
      ),
    ]),
  ];
}

function stepLines(step: ExplainedStep): Line[] {
  const lines: Line[] = [
    { words: `${step.path === '' ? '(nothing)' : step.path}  ${reasonOf(step)}`, place: step },
  ];
  for (const followed of step.via) {
    lines.push({
      words: `    inside ${followed.source.replace(/^export (?:default )?/, '')}`,
      place: followed,
    });
    if (followed.calledFrom === null) lines.push({ words: '    whose caller could not be seen' });
    else lines.push({ words: `    called as ${followed.calledFrom.source}`, place: followed.calledFrom });
  }
  for (const value of step.values) {
    const name = value.name === null ? '' : `${value.name} = `;
    lines.push({ words: `    with ${name}${value.source}`, place: value });
  }
  for (const hole of step.unknown) lines.push({ words: `    ${hole} is known to the running program only` });
  if (step.given !== null)
    lines.push({ words: `    as scan.prefixes["${step.given}"] says in evtgen.config.json` });
  return lines;
}

function reasonOf({ what, source }: ExplainedStep): string {
  if (what === 'unmounted') return `before it: nothing that was followed mounts ${source}`;
  const words = what === 'mount' ? 'mounted' : what === 'route' ? 'registered' : what;
  return source === '' ? `${words}, by where the file is` : `${words} by ${source}`;
}

function handlerLines({ handler }: RouteExplanation): Line[] {
  if (handler === null) return [{ words: 'the function that runs could not be found' }];
  const lines: Line[] = [{ words: handler.name ?? '(a function without a name)', place: handler }];
  if (handler.wrappers.length > 0) lines.push({ words: `    inside ${handler.wrappers.join(', inside ')}` });
  return lines;
}

function eventLines({ event, kind }: RouteExplanation): Line[] {
  if (event.type === null) return [{ words: `none, since it is of the kind ${kind.is}` }];
  const isProposed = kind.is === 'mutation';
  return [
    {
      words: `${event.type}  (confidence: ${event.confidence}${isProposed ? '' : '; not proposed, for its kind'})`,
    },
    ...event.because.map((words) => ({ words: `    ${words}` })),
    ...event.taken.map(({ eventType, by }) => ({ words: `    not ${eventType}, which means ${by}` })),
  ];
}

const SOURCES = {
  response: 'what the handler sends on success',
  entity: 'what the handler writes',
  request: 'what the handler is asked',
} as const;

function payloadLines({ payload, kind }: RouteExplanation): Line[] {
  const { source, from, types, properties, sensitive } = payload;
  const left =
    sensitive.length === 0 ? [] : [{ words: `    left out as sensitive: ${sensitive.join(', ')}` }];
  if (source === 'none') {
    const reason =
      kind.is === 'mutation'
        ? 'nothing that it sends, writes or reads has known fields'
        : `none, since it is of the kind ${kind.is}`;
    return [{ words: reason }, ...left];
  }
  return [
    {
      words: from === null ? SOURCES[source] : `${SOURCES[source]}: ${from.source}`,
      place: from ?? undefined,
    },
    ...types.map((type) => ({
      words: `    of the type ${type.source.replace(/^export (?:default )?/, '')}`,
      place: type,
    })),
    { words: `    fields: ${properties.join(', ')}` },
    ...left,
  ];
}
