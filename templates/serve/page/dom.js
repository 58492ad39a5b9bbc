import { expanded } from './state.js';

export const byId = (id) => document.getElementById(id);

/** Builds an element; text goes in as text, never as markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

/** The same for drawings. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat(Infinity));
  return element;
}

/** Replaces only what changed, so that scroll position and focus stay where they are. */
export function renderList(list, items, keyOf, render, emptyText) {
  const present = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const focusKey = document.activeElement?.dataset?.focus;
  let isFocusLost = false;
  const focusedAt = [...list.children].findIndex((child) => child.contains(document.activeElement));
  const focusedRow = list.children[focusedAt]?.dataset.key;
  const children = items.map((item) => {
    const key = String(keyOf(item));
    const signature = JSON.stringify(item) + expanded.has(key);
    const old = present.get(key);
    if (old?.signature === signature) return old;
    if (old?.contains(document.activeElement)) isFocusLost = true;
    const child = h('li', { 'data-key': key }, render(item, key));
    child.signature = signature;
    return child;
  });
  if (children.length === 0) children.push(h('li', {}, h('p', { class: 'empty small' }, emptyText)));
  // A node that stays is not even moved: a button would lose the click that is being made on it.
  const staying = new Set(children);
  for (const child of [...list.children]) if (!staying.has(child)) child.remove();
  let place = list.firstElementChild;
  for (const child of children) {
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
  if (focusKey && (isFocusLost || document.activeElement === document.body)) {
    list.querySelector(`[data-focus="${CSS.escape(focusKey)}"]`)?.focus({ preventScroll: true });
  }
  if (focusedAt !== -1 && document.activeElement === document.body && !items.some((item) => String(keyOf(item)) === focusedRow)) {
    focusNear(list, items.length === 0 ? undefined : children[Math.min(focusedAt, items.length - 1)]);
  }
}

/** The row in which somebody was is gone: they go on in the one that took its place, or where the list begins. */
function focusNear(list, row) {
  const target = row?.querySelector('button, summary, select, input') ?? list.closest('section').querySelector('h2');
  if (target.tagName === 'H2') target.tabIndex = -1;
  target.focus({ preventScroll: true });
}

export function copyButton(title, textOf) {
  return h('button', { type: 'button', onclick: async ({ currentTarget: button }) => {
    await navigator.clipboard.writeText(textOf());
    button.textContent = 'copied';
    setTimeout(() => { button.textContent = title; }, 1500);
  } }, title);
}

export function jsonBlock(label, value) {
  return h('pre', { tabindex: '0', 'aria-label': label }, JSON.stringify(value, undefined, 2));
}
