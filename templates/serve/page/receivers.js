import { call } from './api.js';
import { h } from './dom.js';
import { refresh } from './refresh.js';
import { clock, plural } from './words.js';

/** What a receiver is told most often; the API and the flag `--receiver` combine all of it. */
const BEHAVIOURS = [
  { title: 'accept', body: {} },
  { title: 'fail with 500', body: { status: 500 } },
  { title: 'fail the next 2 requests', body: { status: 500, failNext: 2 } },
  { title: 'fail every second request or so', body: { status: 500, failPercent: 50 } },
  { title: '429, Retry-After: 30', body: { status: 429, retryAfterSeconds: 30 } },
  { title: '410 Gone: the subscription ends', body: { status: 410 } },
  { title: 'redirect', body: { status: 302, location: 'https://example.com/' } },
  { title: 'answer after 3 seconds', body: { delayMs: 3000 } },
  { title: 'drip the answer', body: { dripMs: 200 } },
  { title: 'never answer', body: { fault: 'no_answer' } },
  { title: 'reset the connection', body: { fault: 'reset' } },
  { title: 'untrusted certificate', body: { fault: 'untrusted_tls' } },
];

const ACCEPTING = { status: 200, failNext: 0, failPercent: 100, delayMs: 0, dripMs: 0, bodyBytes: null, retryAfterSeconds: null, location: null, fault: null };

function isSameBehaviour(behaviour, body) {
  return Object.entries({ ...ACCEPTING, ...body }).every(([key, value]) => behaviour[key] === value);
}

export function renderReceiver(receiver) {
  const { name, behaviour } = receiver;
  const isFailing = behaviour.failNext > 0 || behaviour.status >= 300 || behaviour.fault !== null;
  const current = BEHAVIOURS.findIndex(({ body }) => isSameBehaviour(behaviour, body));
  const set = (body) => call('PUT', `/_receive/${name}/behaviour`, body).then(refresh);
  return h('div', { class: 'item' },
    h('div', { class: 'row' },
      h('strong', { class: 'grow cut' }, name),
      h('span', { class: `chip ${isFailing ? 'bad' : 'good'}` }, receiver.says)),
    h('div', { class: 'row small soft' }, `${plural(receiver.received, 'request')}, ${receiver.verified} verified`),
    h('div', { class: 'row message' },
      h('select', { 'aria-label': `How ${name} behaves`, 'data-focus': `behaviour-${name}`, onchange: ({ target }) => set(BEHAVIOURS[target.value].body) },
        current === -1 && h('option', { value: '', selected: true, disabled: true }, receiver.says),
        BEHAVIOURS.map(({ title }, index) => h('option', { value: String(index), selected: index === current }, title)))),
    receiver.requests.length > 0 && h('table', {}, h('tbody', {}, receiver.requests.map((request) => h('tr', {},
      h('td', { class: 'tight soft' }, h('a', { href: `/_receive/${name}/requests/${request.number}.http`, title: 'the raw request, for verify-sig' }, clock(request.receivedAt))),
      h('td', { class: 'tight' }, String(request.answered ?? request.fault)),
      h('td', { class: 'fill', title: request.eventType }, request.eventType ?? ''),
      h('td', { class: 'tight' }, h('span', { class: `chip ${request.verification.ok ? 'good' : 'bad'}`, title: request.verification.message }, request.verification.ok ? 'verified' : request.verification.code)))))));
}
