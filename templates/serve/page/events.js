import { answerTo } from './api.js';
import { curlOf, testOf, triggerOf, verifiable, verifySigOf } from './copy-as.js';
import { copyButton, h, jsonBlock, svg } from './dom.js';
import { toggle } from './refresh.js';
import { expanded, isReadOnly, state } from './state.js';
import { clock, cut, duration, endpointName, plural, untilText } from './words.js';

const TONES = { delivered: 'good', pending: 'warn', exhausted: 'bad', skipped: '', cancelled: '' };

/** An event, and what of the rest of the page shows in it. */
export function withSurroundings(event) {
  const isOpen = expanded.has(String(event.position));
  const deliveries = event.deliveries.map((delivery) => {
    const { subscriptionId, url, attempts } = delivery;
    const subscription = state.subscriptions.find(({ id }) => id === subscriptionId);
    const wireKey = `wire-${subscriptionId}-${event.eventId}`;
    const which = new URLSearchParams({ url, eventId: event.eventId });
    const wire = isOpen && expanded.has(wireKey) ? answerTo(`/_serve/exchanges?${which}`, attempts.length) : undefined;
    // What is pending waits while its subscription is off.
    const isParked = subscription !== undefined && subscription.state !== 'active';
    return { ...delivery, isParked, wireKey, isWireOpen: expanded.has(wireKey), wire: wire?.exchanges };
  });
  return { ...event, deliveries, envelope: isOpen ? answerTo(`/_serve/events/${event.position}`) : undefined };
}

function deliveryChip(delivery) {
  const text = delivery.state !== 'pending' ? delivery.state : delivery.isUnderWay ? 'under way' : delivery.isParked ? 'parked' : delivery.attempts.length === 0 ? 'waiting' : 'retrying';
  const tries = delivery.attempts.length > 1 ? ` · ${delivery.attempts.length} attempts` : '';
  return h('span', { class: `chip ${TONES[delivery.state]}`, title: delivery.url }, `${endpointName(delivery.url)} ${text}${tries}`);
}

function attemptRow(attempt, index) {
  const outcome = attempt.status ?? attempt.failure;
  const isGood = isGoodAttempt(attempt);
  return h('tr', {},
    h('td', { class: 'tight' }, String(index + 1)),
    h('td', { class: 'tight' }, clock(attempt.at)),
    h('td', { class: 'tight' }, h('span', { class: `chip ${isGood ? 'good' : 'bad'}` }, String(outcome))),
    h('td', { class: 'tight' }, `${attempt.durationMs} ms`),
    h('td', { class: 'mono' }, attempt.error ?? attempt.body ?? ''));
}

const isGoodAttempt = ({ status }) => status >= 200 && status < 300;

/** The attempts and the next one, in their distance from each other. */
function axis(event, delivery) {
  const points = delivery.attempts.map((each) => ({ at: Date.parse(each.at), tone: isGoodAttempt(each) ? 'good' : 'bad' }));
  if (delivery.nextAttemptAt && !delivery.isUnderWay && !delivery.isParked) points.push({ at: Date.parse(delivery.nextAttemptAt), tone: 'next' });
  if (points.length < 2) return false;
  const start = Math.min(Date.parse(event.timestamp), points[0].at);
  const length = Math.max(points.at(-1).at - start, 1);
  const x = (at) => 8 + ((at - start) / length) * 384;
  const says = `${plural(delivery.attempts.length, 'attempt')} within ${duration(Date.parse(delivery.attempts.at(-1).at) - start)}`;
  const title = points.at(-1).tone === 'next' ? `${says}, the next one ${untilText(delivery.nextAttemptAt)}` : says;
  return svg('svg', { class: 'axis', viewBox: '0 0 400 16', preserveAspectRatio: 'none', role: 'img', 'aria-label': title },
    svg('line', { x1: 8, x2: 392, y1: 8, y2: 8 }),
    points.map(({ at, tone }) => svg('ellipse', { class: tone, cx: x(at), cy: 8, rx: 4, ry: 5 }, svg('title', {}, clock(new Date(at).toISOString())))));
}

/** Attempts as they went over the wire. */
function exchangeDetail({ wireKey, wire, isWireOpen }) {
  const headers = (all) => Object.entries(all).map(([name, value]) => `${name}: ${value}`).join('\n');
  // By the click, and not by what follows it: by then the list may have been drawn anew.
  const onclick = (click) => { click.preventDefault(); toggle(wireKey); };
  return h('details', { open: isWireOpen },
    h('summary', { class: 'small soft', 'data-focus': wireKey, onclick }, 'Requests and answers'),
    wire?.length === 0 && h('p', { class: 'small soft' }, 'Only the newest since the start are remembered.'),
    (wire ?? []).map(({ at, request, response }) => h('div', { class: 'exchange' },
      h('div', { class: 'row' }, h('h3', {}, clock(at)), verifiable(request) && copyButton('Copy as verify-sig', () => verifySigOf(request))),
      h('pre', { tabindex: '0', 'aria-label': 'request' }, `POST ${request.url}\n${headers(request.headers)}\n\n${request.body}`),
      h('pre', { tabindex: '0', 'aria-label': 'answer' }, response ? `${response.status}\n${headers(response.headers)}\n\n${response.body}` : 'no answer'))));
}

export function attemptTable(attempts) {
  return attempts.length > 0 && h('table', {},
    h('thead', {}, h('tr', {}, ['#', 'at', 'answer', 'took', 'body or error'].map((title) => h('th', { class: 'tight', scope: 'col' }, title)))),
    h('tbody', {}, attempts.map(attemptRow)));
}

function deliveryDetail(event, delivery) {
  return [
    h('h3', { title: delivery.url }, 'Delivery to ', h('code', {}, cut(delivery.url, 200))),
    h('div', { class: 'row small' }, deliveryChip(delivery),
      delivery.isReplay && h('span', { class: 'chip' }, 'replay'),
      delivery.isUnderWay && h('span', { class: 'soft' }, 'attempt under way'),
      delivery.nextAttemptAt && !delivery.isUnderWay && !delivery.isParked && h('span', { class: 'soft', 'data-until': delivery.nextAttemptAt }, `next attempt ${untilText(delivery.nextAttemptAt)}`)),
    axis(event, delivery),
    attemptTable(delivery.attempts),
    state.database === undefined && delivery.attempts.length > 0 && exchangeDetail(delivery),
  ];
}

export function renderEvent(event, key) {
  const isOpen = expanded.has(key);
  const chips = event.deliveries.length > 0 ? event.deliveries.map(deliveryChip) : [h('span', { class: 'chip' }, event.audience === 'internal' ? 'internal' : 'no delivery yet')];
  return [
    h('button', { type: 'button', class: 'event', 'aria-expanded': String(isOpen), 'data-focus': `event-${key}`,
      onclick: () => toggle(key) },
      h('span', { class: 'soft mono' }, `#${event.position}`),
      h('span', { class: 'soft small at' }, clock(event.timestamp)),
      h('span', { class: 'cut name-cell' }, h('span', { class: 'name' }, event.eventType), event.subject && h('span', { class: 'soft' }, ` ${event.subject}`)),
      h('span', { class: 'chips' }, chips)),
    isOpen && h('div', { class: 'detail' },
      event.deliveries.map((delivery) => deliveryDetail(event, delivery)),
      h('h3', {}, 'Event'),
      event.envelope && [
        h('div', { class: 'row' },
          // Neither would be taken.
          !isReadOnly() && [copyButton('Copy as curl', () => curlOf(event)), copyButton('Copy as trigger', () => triggerOf(event))],
          copyButton('Copy as test', () => testOf(event))),
        jsonBlock(`event ${event.position} as JSON`, event.envelope),
      ]),
  ];
}
