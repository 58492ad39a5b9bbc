import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/kernel/metrics.ts';
import type { Metrics } from '../../src/kernel/metrics.ts';
import { openTelemetryMetrics } from '../../src/metrics/opentelemetry.ts';
import { createPrometheusMetrics } from '../../src/metrics/prometheus.ts';

/** Series by name and labels, e.g. `evtgen_leader{part="sequencer"}`; of a histogram its count and sum. */
type Collected = Record<string, number>;

interface Binding {
  readonly title: string;
  open(): { readonly metrics: Metrics; collect(): Promise<Collected> };
}

const prometheus: Binding = {
  title: 'Prometheus text',
  open() {
    const metrics = createPrometheusMetrics();
    return { metrics, collect: () => Promise.resolve(parseText(metrics.text())) };
  },
};

const openTelemetry: Binding = {
  title: 'OpenTelemetry',
  open() {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ readers: [reader] });
    return {
      metrics: openTelemetryMetrics(provider.getMeter('events')),
      async collect() {
        exporter.reset();
        await reader.forceFlush();
        const collected: Collected = {};
        const all = exporter
          .getMetrics()
          .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
        for (const { descriptor, dataPoints } of all) {
          for (const { attributes, value } of dataPoints) {
            const labels = Object.entries(attributes).map(([name, text]) => `${name}="${String(text)}"`);
            const suffix = labels.length === 0 ? '' : `{${labels.toSorted().join()}}`;
            if (typeof value === 'number') collected[descriptor.name + suffix] = value;
            else {
              const { count, sum } = value as { count: number; sum: number };
              collected[`${descriptor.name}_count${suffix}`] = count;
              collected[`${descriptor.name}_sum${suffix}`] = sum;
            }
          }
        }
        return collected;
      },
    };
  },
};

describe.each([prometheus, openTelemetry])('the $title binding', ({ open }) => {
  it('adds up what is counted, by labels', async () => {
    const { metrics, collect } = open();
    const created = { event_type: 'order.created', outcome: 'logged' };
    metrics.count('evtgen_events_emitted_total', 1, created);
    metrics.count('evtgen_events_emitted_total', 2, { outcome: 'logged', event_type: 'order.created' });
    metrics.count('evtgen_events_emitted_total', 1, { event_type: 'order.cancelled', outcome: 'logged' });
    metrics.count('evtgen_events_sequenced_total', 4);
    expect(await collect()).toMatchObject({
      'evtgen_events_emitted_total{event_type="order.created",outcome="logged"}': 3,
      'evtgen_events_emitted_total{event_type="order.cancelled",outcome="logged"}': 1,
      evtgen_events_sequenced_total: 4,
    });
  });

  it('keeps the distribution of what is observed', async () => {
    const { metrics, collect } = open();
    for (const seconds of [0.003, 0.2, 90]) {
      metrics.observe('evtgen_delivery_attempt_duration_seconds', seconds);
    }
    const collected = await collect();
    expect(collected['evtgen_delivery_attempt_duration_seconds_count']).toBe(3);
    expect(collected['evtgen_delivery_attempt_duration_seconds_sum']).toBeCloseTo(90.203);
  });

  it('asks for gauges at each collection', async () => {
    const { metrics, collect } = open();
    let lag = 7;
    metrics.watch(() => [{ name: 'evtgen_reader_lag_events', value: lag, labels: { reader: 'webhooks' } }]);
    metrics.watch(() => [{ name: 'evtgen_stream_clients', value: 2 }]);
    expect(await collect()).toMatchObject({
      'evtgen_reader_lag_events{reader="webhooks"}': 7,
      evtgen_stream_clients: 2,
    });
    lag = 0;
    expect(await collect()).toMatchObject({ 'evtgen_reader_lag_events{reader="webhooks"}': 0 });
  });
});

describe('the text format of Prometheus', () => {
  it('counts a value in every bucket that is not below it', () => {
    const metrics = createPrometheusMetrics();
    for (const seconds of [0.005, 0.2, 90]) {
      metrics.observe('evtgen_publish_duration_seconds', seconds, { publisher: 'redis-streams' });
    }
    const collected = parseText(metrics.text());
    const bucket = (bound: string): number | undefined =>
      collected[`evtgen_publish_duration_seconds_bucket{publisher="redis-streams",le="${bound}"}`];
    expect([bucket('0.005'), bucket('0.1'), bucket('0.25'), bucket('60'), bucket('+Inf')]).toEqual([
      1, 1, 2, 2, 3,
    ]);
  });

  it('describes every metric, once, whether or not it has values', () => {
    const lines = createPrometheusMetrics().text().trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('# TYPE'))).toEqual(
      Object.entries(METRICS).map(([name, { kind }]) => `# TYPE ${name} ${kind}`),
    );
    expect(lines).toHaveLength(2 * Object.keys(METRICS).length);
  });

  it('escapes what would end a label', () => {
    const metrics = createPrometheusMetrics();
    metrics.count('evtgen_delivery_attempts_total', 1, { outcome: 'a\\b"c\nd' });
    expect(metrics.text()).toContain('evtgen_delivery_attempts_total{outcome="a\\\\b\\"c\\nd"} 1\n');
  });
});

function parseText(text: string): Collected {
  const samples = text.split('\n').filter((line) => line !== '' && line.startsWith('#') === false);
  return Object.fromEntries(
    samples.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}
