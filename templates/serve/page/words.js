export const clock = (iso) => new Date(iso).toLocaleTimeString([], { hour12: false });

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

export function untilText(iso) {
  const seconds = Math.ceil((Date.parse(iso) - Date.now()) / 1000);
  if (seconds <= 0) return 'now';
  if (seconds < 120) return `in ${seconds} s`;
  return seconds < 7200 ? `in ${Math.round(seconds / 60)} min` : `in ${Math.round(seconds / 3600)} h`;
}

export const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

export function endpointName(url) {
  const { pathname, host } = new URL(url);
  const name = pathname.startsWith('/_receive/') ? pathname.slice('/_receive/'.length) : host + pathname;
  return cut(name, 40);
}

export function duration(ms) {
  for (const [unit, length] of [['h', 3_600_000], ['m', 60_000], ['s', 1000]]) {
    if (ms >= length) return `${Math.round((ms / length) * 10) / 10}${unit}`;
  }
  return `${Math.round(ms)}ms`;
}

export const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
