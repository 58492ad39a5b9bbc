import { byId, h } from './dom.js';
import { refresh, render } from './refresh.js';

export async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text === '' ? {} : JSON.parse(text);
  if (!response.ok) {
    const details = (answer.errors ?? []).map((error) => `${error.pointer}: ${error.detail}`);
    throw new Error([answer.detail ?? `HTTP ${response.status}`, ...details].join('\n'));
  }
  return answer;
}

/** Answers that are asked for once somebody looks, and once more where `version` is another. */
const answers = new Map();

let answersInUse = new Set();

/** Looks, and forgets the answers that were not asked for. */
export function answering(look) {
  answersInUse = new Set();
  const seen = look();
  for (const path of answers.keys()) if (!answersInUse.has(path)) answers.delete(path);
  return seen;
}

export function answerTo(path, version = 0) {
  answersInUse.add(path);
  const known = answers.get(path);
  if (known?.version !== version) {
    answers.set(path, { version, answer: known?.answer });
    call('GET', path).then((answer) => {
      answers.set(path, { version, answer });
      render();
    }, (error) => {
      answers.delete(path);
      setStatus(false, error.message);
    });
  }
  return answers.get(path).answer;
}

/** By the place where its outcome is said, the action that was begun last. */
const newest = new WeakMap();

/** Runs an action and says on the page what went wrong. */
export async function attempt(place, action, done = '') {
  newest.set(place, action);
  try {
    const result = await action();
    // What was begun later is not to be wiped out.
    if (newest.get(place) === action) {
      place.className = place.className.replace(/ ?\b(bad|good)\b/g, '') + ' good';
      place.textContent = typeof done === 'function' ? done(result) : done;
    }
  } catch (error) {
    place.className = place.className.replace(/ ?\b(bad|good)\b/g, '') + ' bad';
    place.textContent = error.message;
  }
  await refresh();
}

export function setStatus(isGood, text) {
  // What has not changed is not said again.
  if (byId('status').textContent === text) return;
  byId('status').replaceChildren(h('span', { class: `dot ${isGood ? 'good' : 'bad'}` }), text);
}
