import { columnLines, oneLine, type Column } from '../ui/columns.ts';
import { fullTime, relativeTime } from '../ui/times.ts';
import type { BulkResult, ShownLetter, ShownLetterDetail } from './dead-letters.ts';
import { attemptLine, factLines } from './events-report.ts';

const COLUMNS: readonly Column<ShownLetter>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'AGE', cell: ({ createdAt }) => relativeTime(createdAt) },
  { title: 'AT', cell: placeOf },
  { title: 'TYPE', cell: ({ eventType }) => eventType, canShrink: true },
  { title: 'ERROR', cell: ({ error }) => error, canShrink: true },
];
/** On a narrower terminal a dead letter takes two lines: its id is what the other commands want, whole. */
const MIN_TABLE_WIDTH = 110;
const MAX_REFUSALS = 20;

export function letterListLines(letters: readonly ShownLetter[], width: number): readonly string[] {
  if (letters.length === 0) return ['no dead letters'];
  if (width >= MIN_TABLE_WIDTH) return columnLines(letters, COLUMNS, width);
  return letters.flatMap((letter) => [
    `${letter.id}  ${relativeTime(letter.createdAt)}  ${placeOf(letter)}`,
    cut(`  ${letter.eventType}: ${oneLine(letter.error)}`, width),
  ]);
}

/** Where it was given up. */
function placeOf({ stage, kind }: ShownLetter): string {
  return kind === 'delivery_exhausted' ? 'webhook' : (stage ?? kind);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

export function letterLines(letter: ShownLetterDetail): readonly string[] {
  const time = (iso: string | null): string | null => (iso === null ? null : fullTime(iso));
  return [
    `${letter.eventType}: ${oneLine(letter.error)}`,
    ...factLines([
      ['id', letter.id],
      ['kind', letter.stage === null ? letter.kind : `${letter.kind} at ${letter.stage}`],
      ['given up', fullTime(letter.createdAt)],
      ['replayed', time(letter.replayedAt)],
      ['erased', time(letter.redactedAt)],
      ['subscription', letter.subscriptionId],
      ['broker', letter.reader],
      ['event id', letter.eventId],
      ['position', letter.position === null ? null : String(letter.position)],
      ['subject', letter.subject],
      ['tenant', letter.tenant],
      ['actor', letter.actor],
    ]),
    '',
    ...(letter.event === null
      ? ['the event is no longer kept']
      : JSON.stringify(letter.event, null, 2).split('\n')),
    ...(letter.attempts.length === 0 ? [] : ['', 'attempts', ...letter.attempts.map(attemptLine)]),
  ];
}

export function replayedLetterLines({ done, refused }: BulkResult): readonly string[] {
  const more = refused.length - MAX_REFUSALS;
  return [
    ...refused.slice(0, MAX_REFUSALS).map(({ id, detail }) => `  not ${id}: ${oneLine(detail)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    `replayed ${letters(done)}${refused.length === 0 ? '' : `, not ${refused.length}`}`,
  ];
}

export function letters(count: number): string {
  return `${count} dead ${count === 1 ? 'letter' : 'letters'}`;
}
