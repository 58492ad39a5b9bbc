import type { Draw } from './draw.ts';

export interface Person {
  readonly first: string;
  readonly last: string;
}

export interface Location {
  readonly street: string;
  readonly city: string;
  readonly region: string;
  readonly postalCode: string;
  readonly country: string;
  readonly countryName: string;
  readonly locale: string;
  readonly timezone: string;
  readonly latitude: number;
  readonly longitude: number;
}

const FIRST_NAMES = [
  'Ada',
  'Grace',
  'Alan',
  'Edsger',
  'Barbara',
  'Donald',
  'Margaret',
  'Ken',
  'Radia',
  'Tim',
] as const;
const LAST_NAMES = [
  'Larsen',
  'Okafor',
  'Moreau',
  'Nguyen',
  'Schmidt',
  'Costa',
  'Novak',
  'Silva',
  'Berg',
  'Quinn',
] as const;

const LOCATIONS: readonly Location[] = [
  {
    street: 'Invalidenstr. 43',
    city: 'Berlin',
    region: 'BE',
    postalCode: '10115',
    country: 'DE',
    countryName: 'Germany',
    locale: 'de-DE',
    timezone: 'Europe/Berlin',
    latitude: 52.53,
    longitude: 13.38,
  },
  {
    street: '20 Jay Street',
    city: 'New York',
    region: 'NY',
    postalCode: '11201',
    country: 'US',
    countryName: 'United States',
    locale: 'en-US',
    timezone: 'America/New_York',
    latitude: 40.7,
    longitude: -73.99,
  },
  {
    street: '14 Rue Cler',
    city: 'Paris',
    region: 'IDF',
    postalCode: '75007',
    country: 'FR',
    countryName: 'France',
    locale: 'fr-FR',
    timezone: 'Europe/Paris',
    latitude: 48.86,
    longitude: 2.31,
  },
  {
    street: '5 Queen Street',
    city: 'Toronto',
    region: 'ON',
    postalCode: 'M5H 2N2',
    country: 'CA',
    countryName: 'Canada',
    locale: 'en-CA',
    timezone: 'America/Toronto',
    latitude: 43.65,
    longitude: -79.38,
  },
];

export function personOf(draw: Draw): Person {
  return { first: draw.pick(FIRST_NAMES), last: draw.pick(LAST_NAMES) };
}

export function locationOf(draw: Draw): Location {
  return draw.pick(LOCATIONS);
}
