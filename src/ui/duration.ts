const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `24h`, `90s`, `1.5s`, `83ms`: the largest unit that says it whole, or else seconds or milliseconds. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  for (const unit of ['h', 'm', 's']) {
    const count = ms / (MS_PER_UNIT[unit] ?? 1);
    if (Number.isInteger(count)) return `${count}${unit}`;
  }
  return `${Math.round(ms / 100) / 10}s`;
}

/** Milliseconds of `500ms`, `30s`, `5m`, `2h`, `1d`, or of a bare number of seconds; undefined when it is neither. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text.trim());
  if (match === null) return undefined;
  const unit = MS_PER_UNIT[match[2] ?? 's'] ?? 1000;
  return Math.round(Number(match[1]) * unit);
}
