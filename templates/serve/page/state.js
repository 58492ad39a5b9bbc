/** What the page shows and where it looks. Whoever imports these sees the newest. */

export let state;

export function setState(next) {
  state = next;
}

/** Position before which events are shown; the newest when undefined. */
export let before;

export function setBefore(position) {
  before = position;
}

/** What is looked for, as the overview takes it. */
export let query = {};

export function setQuery(next) {
  query = next;
}

export const expanded = new Set();

export const isFiltered = () => Boolean(query.type || query.subject);

/** So many events at a time. */
export const PAGE_SIZE = 50;

/** On the database of an application nothing is ours to change unless serve is its worker. */
export const isReadOnly = () => state.database?.isReadOnly === true;
