const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** In local time: `08:11:40` of today, else `2026-01-31 08:11`. */
export function shortTime(iso: string, now = Date.now()): string {
  const [day, time] = localParts(new Date(iso));
  const [today] = localParts(new Date(now));
  return day === today ? time : `${day} ${time.slice(0, 5)}`;
}

/** `2026-01-31 08:11:40 (3 min ago)`, in local time. */
export function fullTime(iso: string, now = Date.now()): string {
  const [day, time] = localParts(new Date(iso));
  return `${day} ${time} (${relativeTime(iso, now)})`;
}

/** `3 min ago`, `in 2 h`. */
export function relativeTime(iso: string, now = Date.now()): string {
  const difference = Date.parse(iso) - now;
  const amount = Math.abs(difference);
  const [ms, unit] = UNITS.find(([size]) => amount >= size) ?? [1_000, 's'];
  const text = `${Math.floor(amount / ms)} ${unit}`;
  return difference > 0 ? `in ${text}` : `${text} ago`;
}

function localParts(date: Date): [day: string, time: string] {
  const two = (number: number): string => String(number).padStart(2, '0');
  return [
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
  ];
}
