import { answering, attempt, call, setStatus } from './api.js';
import { renderDeadLetter, withDetail } from './dead-letters.js';
import { byId, h, renderList } from './dom.js';
import { renderEvent, withSurroundings } from './events.js';
import { begin } from './publish.js';
import { renderReceiver } from './receivers.js';
import { PAGE_SIZE, before, expanded, isFiltered, isReadOnly, query, setState, state } from './state.js';
import { renderSubscription } from './subscriptions.js';
import { renderTraffic } from './traffic.js';
import { duration, plural } from './words.js';

function scheduleText({ timeScale, realMs, compressedMs }) {
  const real = `Retries after ${realMs.map(duration).join(', ')}`;
  return timeScale === 1 ? `${real}.` : `${real}; here ${timeScale} times faster: ${compressedMs.map(duration).join(', ')}.`;
}

export function render() {
  if (state === undefined) return;
  for (const id of ['own-secret', 'receivers-section']) byId(id).hidden = state.database !== undefined;
  for (const id of ['publish-section', 'subscribe-details']) byId(id).hidden = isReadOnly();
  const { worker, head, receivers, subscriptions, eventTypes, schedule } = state;
  const { events, deadLetters } = answering(() => ({
    events: state.events.map(withSurroundings),
    deadLetters: state.deadLetters.map(withDetail),
  }));
  const place = state.database === undefined ? location.origin : `${state.database.place}${isReadOnly() ? ', read only' : ''}`;
  byId('facts').textContent = `${place} · ${eventTypes === null ? 'no catalog, any event type' : plural(eventTypes.length, 'event type')} · ${worker.ok ? 'workers healthy' : 'a worker is failing'}`;
  const shown = state.events.length === 0 ? 'none' : `#${state.events.at(-1).position} to #${state.events[0].position}`;
  const isFull = events.length === PAGE_SIZE;
  byId('events-count').textContent = isFiltered() ? `${isFull ? `${shown}, ` : ''}${events.length} that fit of ${plural(head, 'event')}`
    : before !== undefined ? `${shown} of ${head}` : head > events.length ? `newest ${events.length} of ${head}` : plural(head, 'event');
  // Whoever only reads does not know the schedule of the application.
  byId('schedule').textContent = isReadOnly() ? '' : scheduleText(schedule);
  byId('traffic-section').hidden = state.traffic === undefined;
  if (state.traffic !== undefined) renderTraffic(state.traffic);
  byId('pages').hidden = before === undefined && !isFull;
  byId('older').disabled = !isFull || state.events.at(-1).position <= 1;
  byId('newest').disabled = before === undefined;
  renderList(byId('events'), events, (event) => event.position, renderEvent, !isFiltered() && before === undefined ? 'Nothing yet. Publish an event here, by "evtgen trigger" or by POST /events.' : 'Nothing that fits the filter.');
  renderList(byId('receivers'), receivers, (receiver) => receiver.name, renderReceiver, 'None.');
  renderList(byId('dead'), deadLetters, (letter) => `letter-${letter.id}`, renderDeadLetter, query.letterType ? 'None of that type.' : 'None: every delivery arrived or is still being tried.');
  renderList(byId('subscriptions'), subscriptions, (subscription) => subscription.id, renderSubscription, 'None.');
  byId('dead-count').textContent = state.deadLetterCount > deadLetters.length ? `the oldest ${deadLetters.length} of ${state.deadLetterCount}` : '';
  byId('dead-filter').hidden = deadLetters.length < 2 && !query.letterType;
  byId('replay-all').hidden = deadLetters.length < 2 || isReadOnly();
  byId('replay-all').textContent = query.letterType ? 'Replay these' : 'Replay all';
  byId('more-subscriptions').hidden = !state.hasMoreSubscriptions;
  byId('types').replaceChildren(...(eventTypes ?? []).map((value) => h('option', { value })));
}

export function toggle(key) {
  if (!expanded.delete(key)) expanded.add(key);
  render();
}

let isFetching = false;

let isStale = false;

export async function refresh() {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  try {
    while (isStale) {
      isStale = false;
      const isFirst = state === undefined;
      const askedAt = performance.now();
      const asked = Object.entries({ before, ...query }).filter(([, value]) => value);
      const answer = await call('GET', `/_serve/overview?${new URLSearchParams(asked)}`).catch((error) => {
        setStatus(false, `evtgen serve does not answer: ${error.message}`);
        setTimeout(refresh, 2000);
      });
      if (answer === undefined) break;
      setState(answer);
      if (live.readyState === EventSource.OPEN) setStatus(true, 'live');
      render();
      if (isFirst) attempt(byId('publish-message'), begin);
      // Events by the thousand need the database more than the page does.
      const tookMs = performance.now() - askedAt;
      await new Promise((resolve) => setTimeout(resolve, Math.min(tookMs, 1000)));
    }
  } finally {
    isFetching = false;
  }
}

const live = new EventSource('/_serve/live');

live.addEventListener('open', () => { setStatus(true, 'live'); refresh(); });

live.addEventListener('changed', refresh);

live.addEventListener('error', () => setStatus(false, 'connection lost, trying again'));
