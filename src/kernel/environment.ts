import type { EventsSettings } from './events.ts';

/** Settings that differ from machine to machine, by the variables that the README lists. */
export function settingsOf(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<EventsSettings, 'encryptionKey' | 'allowHosts' | 'retryScheduleMs'> {
  const retrySeconds = listOf(environment['EVTGEN_RETRY_SECONDS']);
  return {
    encryptionKey: environment['EVTGEN_SECRET_KEY'],
    allowHosts: listOf(environment['EVTGEN_WEBHOOK_ALLOW']),
    retryScheduleMs:
      retrySeconds === undefined ? undefined : retrySeconds.map((seconds) => Number(seconds) * 1_000),
  };
}

function listOf(text: string | undefined): string[] | undefined {
  return text === undefined || text === '' ? undefined : text.split(',').map((item) => item.trim());
}
