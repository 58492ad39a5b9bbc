import { attempt, call } from './api.js';
import { byId, h } from './dom.js';
import { isReadOnly } from './state.js';

/** The form of new ones is that of changes too. */
function edit(subscription) {
  const form = byId('subscribe');
  form.elements.id.value = subscription?.id ?? '';
  form.elements.url.value = subscription?.url ?? '';
  form.elements.eventTypes.value = subscription?.eventTypes.join(', ') ?? '*';
  form.elements.description.value = subscription?.description ?? '';
  byId('subscribe-title').textContent = subscription === undefined ? 'New subscription' : 'Change the subscription';
  byId('subscribe-button').textContent = subscription === undefined ? 'Subscribe' : 'Save';
  byId('subscribe-cancel').hidden = subscription === undefined;
  byId('subscribe-details').open = subscription !== undefined;
  if (subscription !== undefined) form.elements.url.focus();
}

export function renderSubscription(subscription) {
  const { id, url, state: condition, eventTypes, description } = subscription;
  const isActive = condition === 'active';
  const button = (title, act, done) => h('button', { type: 'button', 'data-focus': `${title}-${id}`, 'aria-label': `${title} ${url}`,
    onclick: () => attempt(byId('subscription-message'), act, done) }, title);
  const post = (action, body = {}) => call('POST', `/webhooks/${id}/${action}`, body);
  return h('div', { class: 'item' },
    h('div', { class: 'row' }, h('code', { class: 'grow clamp', title: url }, url),
      h('span', { class: `chip ${isActive ? 'good' : 'bad'}` }, condition)),
    h('div', { class: 'small soft' }, `${eventTypes.join(', ')}${description ? ` · ${description}` : ''}`),
    !isReadOnly() && h('div', { class: 'row message' },
      h('button', { type: 'button', 'data-focus': `Edit-${id}`, 'aria-label': `Edit ${url}`, onclick: () => edit(subscription) }, 'Edit'),
      isActive && button('Ping', () => post('test'), 'a test event is on its way'),
      isActive && button('Disable', () => post('disable')),
      !isActive && button('Enable', () => post('enable'), 'it goes on with new events'),
      !isActive && button('Resume', () => post('enable', { from: 'resume' }), 'it gets what it missed'),
      button('Rotate secret', () => post('rotate-secret'), ({ secret }) => `the new secret, shown once: ${secret}`),
      button('Delete', () => call('DELETE', `/webhooks/${id}`))));
}

byId('subscribe-cancel').addEventListener('click', () => edit(undefined));

byId('subscribe').addEventListener('submit', (submit) => {
  submit.preventDefault();
  const { id, url, description, ...entries } = Object.fromEntries(new FormData(submit.target));
  const eventTypes = entries.eventTypes.split(/[\s,]+/).filter(Boolean);
  const body = { url, eventTypes, description: description || (id ? null : undefined) };
  attempt(byId('subscription-message'), async () => {
    const answer = id ? await call('PATCH', `/webhooks/${id}`, body) : await call('POST', '/webhooks', body);
    edit(undefined);
    return answer;
  }, ({ secret }) => (secret ? `subscribed; its secret, shown once: ${secret}` : 'changed'));
});
