import pluralize from 'pluralize';

/** Words that the dictionary takes for plurals. */
const INVARIANT = new Set([
  'analytics',
  'aws',
  'axis',
  'basis',
  'bias',
  'canvas',
  'cms',
  'cors',
  'crm',
  'css',
  'data',
  'devops',
  'dns',
  'gps',
  'hls',
  'https',
  'ios',
  'kms',
  'kubernetes',
  'lens',
  'lms',
  'media',
  'metadata',
  'nats',
  'news',
  'ops',
  'os',
  'pos',
  'postgres',
  'redis',
  'rss',
  'settings',
  'sms',
  'sns',
  'sqs',
  'sso',
  'tls',
  'tts',
  'windows',
  'yjs',
]);

const IRREGULAR_SINGULAR: Readonly<Record<string, string>> = {
  caches: 'cache',
  cookies: 'cookie',
  leaves: 'leave',
  taxis: 'taxi',
};

const IRREGULAR_PAST: Readonly<Record<string, string>> = {
  backup: 'backed_up',
  begin: 'begun',
  bind: 'bound',
  build: 'built',
  buy: 'bought',
  checkin: 'checked_in',
  checkout: 'checked_out',
  choose: 'chosen',
  cleanup: 'cleaned_up',
  cut: 'cut',
  draw: 'drawn',
  forget: 'forgotten',
  freeze: 'frozen',
  give: 'given',
  hide: 'hidden',
  hold: 'held',
  leave: 'left',
  lend: 'lent',
  login: 'logged_in',
  logout: 'logged_out',
  lose: 'lost',
  make: 'made',
  pay: 'paid',
  put: 'put',
  quit: 'quit',
  read: 'read',
  rollback: 'rolled_back',
  rollout: 'rolled_out',
  run: 'run',
  sell: 'sold',
  send: 'sent',
  set: 'set',
  setup: 'set_up',
  shut: 'shut',
  shutdown: 'shut_down',
  signin: 'signed_in',
  signout: 'signed_out',
  signup: 'signed_up',
  split: 'split',
  spend: 'spent',
  take: 'taken',
  takeover: 'taken_over',
  withdraw: 'withdrawn',
  write: 'written',
};

/** Verbs of several syllables whose last one is stressed (or that are spelled so by custom). */
const DOUBLED =
  /(?:(?<!li)mit|(?<!of|buf)fer|cel|pel|cur|gin|lot|get|wrap|plan|ship|stop|ban|drop|pin|tag|flag|log|map|trim|chat|crop|dim|grab|join_up|kit|nod|pad|pat|plug|pop|rip|scan|sip|skip|slip|snap|spin|step|strip|swap|tap|tip|trap|trip|unpin|untag|unban|unmap|zip|unzip|plot)$/;

/** Lower-case words of a path segment or an identifier: `sendOrderEmail`, `send-order-email`. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

export function singular(word: string): string {
  if (Object.hasOwn(IRREGULAR_SINGULAR, word)) return IRREGULAR_SINGULAR[word] ?? word;
  // `gridFS`
  return INVARIANT.has(word) || word.length < 3 ? word : pluralize.singular(word);
}

export function isPlural(word: string): boolean {
  return !INVARIANT.has(word) && pluralize.isPlural(word) && !pluralize.isSingular(word);
}

/** `shipped`, `refunded`, `paid`: the past participle of an English verb. */
export function pastTense(verb: string): string {
  const irregular = Object.hasOwn(IRREGULAR_PAST, verb) ? IRREGULAR_PAST[verb] : undefined;
  if (irregular !== undefined) return irregular;
  // `rebuilt`, `unset`
  const { prefix = '', stem = '' } = /^(?<prefix>un|re|over)(?<stem>.{3,})$/.exec(verb)?.groups ?? {};
  if (Object.hasOwn(IRREGULAR_PAST, stem)) return `${prefix}${IRREGULAR_PAST[stem]}`;
  if (verb.endsWith('e')) return `${verb}d`;
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  if (DOUBLED.test(verb)) return `${verb}${verb.at(-1)}ed`;
  if (verb.endsWith('c')) return verb === 'sync' ? 'synced' : `${verb}ked`;
  return `${verb}ed`;
}
