import { quoted } from './words.js';

export function curlOf({ eventType, subject, envelope }) {
  const body = JSON.stringify({ type: eventType, subject: subject ?? undefined, data: envelope.data });
  return `curl ${location.origin}/events -H 'content-type: application/json' -d ${quoted(body)}`;
}

export function triggerOf({ eventType, subject, envelope }) {
  const of = subject ? ` --subject ${quoted(subject)}` : '';
  return `echo ${quoted(JSON.stringify(envelope.data))} | evtgen trigger ${eventType}${of} --data - --url ${location.origin}`;
}

/** What was cut cannot be verified. */
export const verifiable = ({ headers, body }) => 'webhook-signature' in headers && !body.endsWith(' …');

/** The secret comes from EVTGEN_SECRET: it is not for the history of a shell. */
export function verifySigOf({ headers, body }) {
  const signed = Object.entries(headers).filter(([name]) => name.startsWith('webhook-'));
  const flags = signed.map(([name, value]) => ` --header ${quoted(`${name}: ${value}`)}`).join('');
  return `printf %s ${quoted(body)} | evtgen verify-sig --payload -${flags} --now ${headers['webhook-timestamp']}`;
}

export function testOf({ eventType, subject, envelope }) {
  const input = JSON.stringify({ type: eventType, subject: subject ?? undefined, data: envelope.data }, undefined, 2);
  return `// evtgen serve --port 0 --in-memory --exec "node --test"
import assert from 'node:assert/strict';
import { test } from 'node:test';

const { EVTGEN_URL } = process.env;
const inbox = \`\${EVTGEN_URL}/_receive/default\`;

test('${eventType} arrives', async () => {
  const event = ${input.replaceAll('\n', '\n  ')};
  const { received } = await (await fetch(\`\${inbox}/requests\`)).json();
  const published = await fetch(\`\${EVTGEN_URL}/events\`, { method: 'POST', body: JSON.stringify(event) });
  assert.equal(published.status, 202);

  const answer = await fetch(\`\${inbox}/requests?wait=\${received + 1}&timeout=5s\`);
  const { eventType, verification, body } = (await answer.json()).requests.at(-1);
  assert.equal(eventType, event.type);
  assert.ok(verification.ok, verification.message);
  assert.deepEqual(JSON.parse(body).data, event.data);
});
`;
}
