import { describe, expect, it } from 'vitest';
import { receivers } from '../../src/receivers/index.ts';
import { fixFor, FRAMEWORKS } from '../../src/verify/fixes.ts';

describe('the fix of a changed body', () => {
  it.each(FRAMEWORKS)('for %s names a receiver that there is', (framework) => {
    const fix = fixFor('body_reformatted', framework, 'stripe') ?? '';
    const id = /webhookReceiver\(.*evtgen\/receive\/(\w+)/.exec(fix)?.[1];
    expect(receivers.map((receiver) => receiver.id)).toContain(id);
  });

  it('is another where the body was cut', () => {
    expect(fixFor('body_truncated', 'express', 'stripe')).toMatch(/^raise the limit/);
  });
});

describe('the fix of a secret that was decoded', () => {
  it('is to decode it otherwise where that is right, and not to where it is not', () => {
    expect(fixFor('secret_used_decoded', null, 'standard')).toMatch(/^decode the secret from base64/);
    expect(fixFor('secret_used_decoded', null, 'stripe')).toMatch(/without decoding$/);
  });
});
