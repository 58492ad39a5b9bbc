import { call } from './api.js';
import { byId } from './dom.js';
import { refresh } from './refresh.js';
import { setBefore, setQuery, state } from './state.js';
import { untilText } from './words.js';

function turnTo(position) {
  setBefore(position);
  refresh();
  byId('events-title').scrollIntoView({ block: 'nearest' });
}

let typing;

const secretOf = () => call('GET', '/_serve/secret').then(({ secret }) => secret);

byId('older').addEventListener('click', () => turnTo(state.events.at(-1).position));

byId('newest').addEventListener('click', () => turnTo(undefined));

for (const id of ['filter', 'dead-filter']) {
  byId(id).addEventListener('input', () => {
    setQuery(Object.fromEntries([...new FormData(byId('filter')), ...new FormData(byId('dead-filter'))]));
    if (id === 'filter') setBefore(undefined);
    clearTimeout(typing);
    typing = setTimeout(refresh, 150);
  });
  byId(id).addEventListener('submit', (submit) => submit.preventDefault());
}

byId('reveal').addEventListener('click', async () => {
  const isShown = byId('reveal').getAttribute('aria-pressed') === 'true';
  byId('secret').textContent = isShown ? 'whsec_••••••••' : await secretOf();
  byId('reveal').setAttribute('aria-pressed', String(!isShown));
  byId('reveal').textContent = isShown ? 'show' : 'hide';
});

byId('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(await secretOf());
  byId('copy').textContent = 'copied';
  setTimeout(() => { byId('copy').textContent = 'copy'; }, 1500);
});

setInterval(() => {
  for (const element of document.querySelectorAll('[data-until]')) {
    element.textContent = `next attempt ${untilText(element.dataset.until)}`;
  }
}, 1000);
