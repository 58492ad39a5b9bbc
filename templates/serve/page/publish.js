import { attempt, call } from './api.js';
import { byId, h } from './dom.js';
import { state } from './state.js';

const form = byId('publish');

const KINDS = new Set(['string', 'number', 'integer', 'boolean']);

/** Leaves of a schema that a field can hold, with their paths: objects in objects, but no lists. */
function leaves(schema, path = []) {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, property]) => {
    const at = [...path, name];
    const kind = [property.type].flat().find((each) => each !== 'null');
    if (kind === 'object' && at.length < 4) return leaves(property, at);
    return property.enum || KINDS.has(kind) ? [{ path: at, kind, property }] : [];
  });
}

const valueAt = (data, path) => path.reduce((value, name) => value?.[name], data);

function setAt(data, [name, ...rest], value) {
  const object = data !== null && typeof data === 'object' ? data : {};
  return { ...object, [name]: rest.length === 0 ? value : setAt(object[name], rest, value) };
}

function dataOf() {
  try {
    return JSON.parse(form.elements.data.value);
  } catch (error) {
    throw new Error(`Data is no JSON: ${error.message}`);
  }
}

/** Fields for what the schema says; the JSON stays what is sent, and has what no field can hold. */
function renderFields(schema) {
  const fields = leaves(schema).map(({ path, kind, property }) => {
    const write = ({ target }) => {
      const text = target.value;
      const isNumber = kind === 'number' || kind === 'integer';
      const value = target.tagName === 'SELECT' ? JSON.parse(text) : isNumber ? (text === '' ? null : Number(text)) : text;
      attempt(byId('publish-message'), () => {
        form.elements.data.value = JSON.stringify(setAt(dataOf(), path, value), undefined, 2);
      });
    };
    const choices = property.enum ?? (kind === 'boolean' ? [true, false] : undefined);
    const field = choices
      ? h('select', { onchange: write }, choices.map((choice) => h('option', { value: JSON.stringify(choice) }, String(choice))))
      : h('input', { oninput: write, type: kind === 'string' ? 'text' : 'number', step: kind === 'integer' ? '1' : 'any', min: property.minimum, max: property.maximum, autocomplete: 'off' });
    field.path = path;
    return h('label', { title: property.description ?? path.join('.') }, path.join('.'), field);
  });
  byId('fields').replaceChildren(...fields);
  byId('json').open = fields.length === 0;
  fillFields();
}

function fillFields() {
  let data;
  try {
    data = dataOf();
  } catch {
    return;
  }
  for (const field of byId('fields').querySelectorAll('input, select')) {
    const value = valueAt(data, field.path);
    field.value = field.tagName === 'SELECT' ? JSON.stringify(value ?? null) : (value ?? '');
  }
}

/** The form starts with something that can be published. */
export async function begin() {
  const { eventTypes } = state;
  if (eventTypes === null || eventTypes.length === 0) return;
  if (eventTypes.includes(form.elements.type.value)) return showFields();
  form.elements.type.value = eventTypes[0];
  return fillSample();
}

/** A sample and the schema; asked for once where several ask at a time. */
let asking;

function sampleOf(type) {
  if (asking?.type !== type) {
    const answer = call('GET', `/_serve/sample?type=${encodeURIComponent(type)}`).finally(() => { asking = undefined; });
    asking = { type, answer };
  }
  return asking.answer;
}

async function fillSample() {
  const { event, schema } = await sampleOf(form.elements.type.value);
  form.elements.subject.value = event.subject ?? '';
  form.elements.data.value = JSON.stringify(event.data, undefined, 2);
  renderFields(state.eventTypes === null ? undefined : schema);
}

/** The fields of the type that stands there; what is filled in stays. */
async function showFields() {
  const type = form.elements.type.value;
  if (state.eventTypes?.includes(type)) renderFields((await sampleOf(type)).schema);
  else renderFields(undefined);
}

byId('publish').addEventListener('submit', (submit) => {
  submit.preventDefault();
  const type = form.elements.type.value;
  attempt(byId('publish-message'), () =>
    call('POST', '/events', { type, data: dataOf(), subject: form.elements.subject.value || undefined }), () => `${type} published`);
});

form.elements.data.addEventListener('input', fillFields);

byId('sample').addEventListener('click', () => {
  attempt(byId('publish-message'), fillSample);
});

form.elements.type.addEventListener('change', () => attempt(byId('publish-message'), showFields));
