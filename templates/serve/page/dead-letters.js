import { answerTo, attempt, call } from './api.js';
import { byId, h, jsonBlock } from './dom.js';
import { attemptTable } from './events.js';
import { toggle } from './refresh.js';
import { expanded, isReadOnly, query, state } from './state.js';
import { clock, cut, plural } from './words.js';

/** A dead letter, with all that is known of it where somebody looks. */
export function withDetail(letter) {
  return { ...letter, detail: expanded.has(`letter-${letter.id}`) ? answerTo(`/dead-letters/${letter.id}`) : undefined };
}

export function renderDeadLetter(letter, key) {
  const replay = async ({ currentTarget: button }) => {
    button.disabled = true;
    await attempt(byId('dead-message'), () => call('POST', `/dead-letters/${letter.id}/replay`));
    // It is gone by now, unless that failed.
    button.disabled = false;
  };
  const { detail } = letter;
  return h('div', { class: 'item' },
    h('div', { class: 'row' },
      h('div', { class: 'grow' }, h('button', { type: 'button', class: 'letter cut', 'aria-expanded': String(expanded.has(key)), 'data-focus': key, onclick: () => toggle(key) }, letter.eventType)),
      h('span', { class: 'soft small' }, clock(letter.createdAt)),
      !isReadOnly() && h('button', { type: 'button', 'data-focus': `replay-${letter.id}`, 'aria-label': `Replay ${letter.eventType}`, onclick: replay }, 'Replay')),
    h('div', { class: 'small soft' }, letter.kind === 'pipeline_error' ? 'pipeline error' : 'every attempt failed'),
    h('div', { class: 'message bad' }, letter.error),
    detail && [
      detail.subscriptionId && h('h3', {}, 'Delivery to ', h('code', {}, cut(state.subscriptions.find(({ id }) => id === detail.subscriptionId)?.url ?? detail.subscriptionId, 200))),
      attemptTable(detail.attempts),
      h('h3', {}, 'Event'),
      jsonBlock(`the event of ${letter.eventType} as JSON`, detail.event),
    ]);
}

byId('replay-all').addEventListener('click', async () => {
  const message = byId('dead-message');
  const eventType = query.letterType || undefined;
  byId('replay-all').disabled = true;
  await attempt(message, async () => {
    let done = 0;
    const refused = [];
    for (let cursor = undefined; cursor !== null;) {
      const answer = await call('POST', '/dead-letters/replay', { state: 'open', eventType, limit: 500, cursor });
      done += answer.replayed;
      refused.push(...answer.refused);
      message.textContent = `replayed ${done} of ${done + refused.length + answer.remaining}`;
      cursor = answer.nextCursor;
    }
    if (refused.length > 0) throw new Error(`replayed ${done}, not ${refused.length}: ${refused[0].detail}`);
    return done;
  }, (done) => `replayed ${plural(done, 'dead letter')}`);
  byId('replay-all').disabled = false;
});
