import type { Draw } from './draw.ts';
import { locationOf, personOf } from './people-and-places.ts';

/** What is known of a property when a value for it is made up. */
export interface NamedProperty {
  /** Of its name in lower snake case: `unit_price`. */
  readonly name: string;
  /** Of the object that has it: `order`, `shipping_address`. */
  readonly resource: string;
  /** What the event says has happened to it: `shipped`; empty for an object that the event is not about. */
  readonly action: string;
  /** Milliseconds since the epoch at which the event is set. */
  readonly time: number;
  /** The same for all properties of one object: first name, name and e-mail address agree. */
  readonly object: () => Draw;
  readonly own: Draw;
}

type Maker<Value> = (property: NamedProperty) => Value | readonly Value[];

const DAY_MS = 86_400_000;
const PERSON =
  /(?:^|_)(?:customer|user|member|contact|employee|author|owner|buyer|seller|recipient|guest|person|payer)$/;
const THING = /(?:^|_)(?:product|item|article|variant|good)$/;
const ADDRESS = /(?:^|_)(?:address|location|destination|origin)$/;

const person = (property: NamedProperty) => personOf(property.object());
const place = (property: NamedProperty) => locationOf(property.object());
const fullName = (property: NamedProperty): string => Object.values(person(property)).join(' ');
const userName = (property: NamedProperty): string => Object.values(person(property)).join('.').toLowerCase();
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function thingName({ object }: NamedProperty): string {
  const draw = object();
  const kind = draw.pick(['Linen shirt', 'Espresso cup', 'Desk lamp', 'Notebook', 'Rain jacket', 'Tea pot']);
  return `${kind}, ${draw.pick(['blue', 'green', 'grey', 'red', 'white'])}`;
}

function nameOf(property: NamedProperty): string {
  if (PERSON.test(property.resource)) return fullName(property);
  if (THING.test(property.resource)) return thingName(property);
  return `${capital(property.resource.replaceAll('_', ' '))} ${property.object().between(1, 99)}`;
}

/** The time at which something happened, or is going to. */
export function timeOf({ name, time, own }: NamedProperty): number {
  if (/birth/.test(name)) return Date.UTC(1990, own.between(0, 11), own.between(1, 28));
  if (/expire|expiry|expiration|due|until|ends?_|deadline|deliver_by|estimated|next|renew|trial/.test(name)) {
    return time + own.between(3, 30) * DAY_MS;
  }
  if (/creat|register|sign(?:ed)?_up|start|begin/.test(name)) return time - own.between(60, 3_600) * 1_000;
  return time;
}

/** The end of a name, and what values such properties have: the first that the schema takes counts. */
type Rule<Value> = readonly [RegExp, Maker<Value>];

function ending<Value>(words: string, make: Maker<Value>): Rule<Value> {
  return [new RegExp(`(?:^|_)(?:${words})$`), make];
}

/** The first rule that fits counts. */
const TEXTS: readonly Rule<string>[] = [
  ending('e_?mail(?:_address)?', (property) => `${userName(property)}@example.com`),
  ending('(?:first|given|fore)_?name', (property) => person(property).first),
  ending('(?:last|family|sur)_?name', (property) => person(property).last),
  ending('(?:user|nick|screen)_?name|handle|login', userName),
  ending(
    '(?:company|organi[sz]ation|business|merchant|vendor|supplier)(?:_name)?',
    () => 'Harbour Trading Ltd',
  ),
  ending('file_?name', ({ resource }) => `${resource}.pdf`),
  ending('country_name', (property) => place(property).countryName),
  ending('host_?name|domain(?:_name)?|host', () => 'shop.example.com'),
  ending('(?:product|item|article)_(?:name|title)', thingName),
  ending('(?:customer|contact|recipient|holder|full|display|author|owner|user|member)_name', fullName),
  ending('recipient|author|assignee|cardholder', fullName),
  ending('name|title|label', nameOf),
  ending('(?:phone|mobile|fax|telephone|tel)(?:_number)?', ({ object }) => {
    const line = String(object().between(100, 199));
    return [`+1 202-555-0${line}`, `+12025550${line}`, `2025550${line}`];
  }),
  ending(
    '(?:image|avatar|photo|picture|logo|thumbnail|icon)(?:_ur[il])?',
    ({ resource }) => `https://example.com/images/${resource}.png`,
  ),
  ending('(?:callback|webhook|hook)_ur[il]', () => 'https://example.com/hooks'),
  ending(
    'ur[il]|link|href|website|homepage',
    ({ resource, object }) => `https://example.com/${resource}s/${object().between(1_000, 9_999)}`,
  ),
  ending('currency(?:_code)?', ({ object }) => {
    const code = object().pick(['EUR', 'USD', 'GBP']);
    return [code, code.toLowerCase()];
  }),
  ending('(?:country|nationality)(?:_code)?', (property) => {
    const { country, countryName } = place(property);
    return [country, country.toLowerCase(), countryName];
  }),
  ending('post(?:al)?_?code|zip(?:_?code)?', (property) => [place(property).postalCode, '10115']),
  ending('city|town|municipality', (property) => place(property).city),
  ending('region|province|county|district', (property) => place(property).region),
  ending('ip(?:_address)?', ({ object }) => `192.0.2.${object().between(1, 254)}`),
  ending('street(?:_address)?|address(?:_?line)?_?1?|line_?1', (property) => {
    const { street, city } = place(property);
    return [street, `${street}, ${city}`];
  }),
  ending('(?:address|address_line|line)_?2', () => 'Floor 2'),
  ending('locale', (property) => [place(property).locale, place(property).locale.slice(0, 2)]),
  ending('lang(?:uage)?(?:_code)?', (property) => [
    place(property).locale.slice(0, 2),
    place(property).locale,
  ]),
  ending('time_?zone|tz', (property) => place(property).timezone),
  ending('status|state', (property) => {
    const { resource, action } = property;
    if (ADDRESS.test(resource)) return place(property).region;
    return action === '' ? 'active' : [action, action.toUpperCase()];
  }),
  ending('at|on|time|timestamp|datetime|until|since|expires|expiry', (property) => {
    const iso = new Date(timeOf(property)).toISOString();
    return [iso, iso.slice(0, 10)];
  }),
  ending('date|day|birthday|dob', (property) => {
    const iso = new Date(timeOf(property)).toISOString();
    return [iso.slice(0, 10), iso];
  }),
  ending('sku', ({ object }) => `SKU-${object().between(1_000, 9_999)}`),
  ending('barcode|ean|gtin|upc', ({ object }) => `40${object().between(10_000_000_000, 99_999_999_999)}`),
  ending('number|no|reference|ref|code|tracking|coupon|voucher', ({ name, resource, object }) => {
    const [first = resource] = name
      .split('_')
      .filter((word) => !/^(?:number|no|reference|ref|code)$/.test(word));
    const letter = first.charAt(0).toUpperCase();
    const digits = String(object().between(10_000, 99_999));
    return [`${letter}-${digits}`, digits, `${letter}${digits}`];
  }),
  ending('last_?(?:4|four)(?:_digits)?', ({ object }) => String(object().between(1_000, 9_999))),
  ending('brand', () => 'visa'),
  ending('method', () => 'card'),
  ending('reason|cause', () => 'requested by the customer'),
  ending('notes?|comments?|message|body|text|content|description|summary|instructions', ({ own }) =>
    own.pick([
      'Please leave it at the reception.',
      'Arrives in the morning if possible.',
      'As discussed on the phone.',
      'Second delivery this week.',
    ]),
  ),
  ending('user_agent', () => 'Mozilla/5.0 (X11; Linux x86_64)'),
  ending('colou?r', ({ own }) => own.pick(['#3b82f6', '#16a34a', '#9ca3af'])),
  ending('(?:mime|content|media)_type', () => 'application/pdf'),
  ending('source|channel', () => 'web'),
  ending('priority', () => 'normal'),
  ending('type|kind|category', () => 'standard'),
  ending('unit', () => 'piece'),
  ending('version', ({ own }) => `1.${own.between(0, 9)}.${own.between(0, 9)}`),
  // Money is text where decimals must not be lost.
  ending('price|amount|total|subtotal|tax|fee|cost|balance|discount', ({ own }) =>
    (own.between(500, 30_000) / 100).toFixed(2),
  ),
];

const NUMBERS: readonly Rule<number>[] = [
  ending('cents|minor(?:_units)?', ({ own }) => own.between(5, 300) * 100 - 10),
  ending('quantity|qty|items?_count|pieces|seats|count|units', ({ own }) => own.between(1, 5)),
  ending('stock|inventory|available|on_hand', ({ own }) => own.between(10, 200)),
  ending('percent(?:age)?|pct|rate', ({ own }) => own.between(5, 25)),
  ending(
    'price|amount|total|sum|subtotal|tax|fee|cost|balance|discount|revenue|refunded|paid|due|charge|shipping|value',
    // In the minor unit where only whole numbers go.
    ({ own }) => [own.between(500, 30_000) / 100, own.between(5, 300) * 100 - 10],
  ),
  ending('at|on|timestamp|time|date|until|expires|created|updated|modified', (property) => {
    const ms = timeOf(property);
    return [ms, Math.floor(ms / 1_000)];
  }),
  ending('lat(?:itude)?', (property) => place(property).latitude),
  ending('lng|lon|long|longitude', (property) => place(property).longitude),
  ending('age', ({ own }) => own.between(18, 70)),
  ending('year', ({ time }) => new Date(time).getUTCFullYear()),
  ending('month', ({ own }) => own.between(1, 12)),
  ending('day', ({ own }) => own.between(1, 28)),
  ending('rating|score|stars', ({ own }) => own.between(1, 5)),
  ending('version|revision|attempts?|position|index|rank|priority|level|page', ({ own }) =>
    own.between(1, 5),
  ),
  ending('weight|width|height|length|depth|size', ({ own }) => own.between(1, 40)),
  ending('duration|seconds|minutes|ttl', ({ own }) => own.between(30, 600)),
  ending('number|no', ({ object }) => object().between(10_000, 99_999)),
];

/** What is seldom so. */
const RARE =
  /(?:^|_)(?:deleted|disabled|blocked|archived|cancell?ed|suspended|banned|failed|test|draft|refunded|locked|expired)$/;

/** Values that a property of this name could have, the likeliest first. */
export function textsByName(property: NamedProperty): readonly string[] {
  return valuesBy(TEXTS, property);
}

export function numbersByName(property: NamedProperty): readonly number[] {
  return valuesBy(NUMBERS, property);
}

export function booleanByName({ name }: Pick<NamedProperty, 'name'>): boolean {
  return !RARE.test(name);
}

/** Whether it is the time of something that this event does not tell of, and that has not happened yet. */
export function isStillToCome({ name, action }: Pick<NamedProperty, 'name' | 'action'>): boolean {
  const [, happened] = /^(\w+)_(?:at|on|date)$/.exec(name) ?? [];
  if (happened === undefined || /creat|updat|modif|order|plac|register|start|birth/.test(happened))
    return false;
  return action !== happened && !action.endsWith(`_${happened}`);
}

function valuesBy<Value>(rules: readonly Rule<Value>[], property: NamedProperty): readonly Value[] {
  const maker = rules.find(([name]) => name.test(property.name))?.[1];
  if (maker === undefined) return [];
  const made = maker(property);
  return Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
}
