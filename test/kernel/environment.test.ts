import { expect, test } from 'vitest';
import { settingsOf } from '../../src/kernel/environment.ts';

test('takes its settings from the variables that are set', () => {
  const environment = {
    EVTGEN_SECRET_KEY: 'a key',
    EVTGEN_WEBHOOK_ALLOW: '127.0.0.1, receiver.test',
    EVTGEN_RETRY_SECONDS: '0.5,2',
  };
  expect(settingsOf(environment)).toEqual({
    encryptionKey: 'a key',
    allowHosts: ['127.0.0.1', 'receiver.test'],
    retryScheduleMs: [500, 2_000],
  });
  expect(settingsOf({ EVTGEN_WEBHOOK_ALLOW: '' })).toEqual({});
});
