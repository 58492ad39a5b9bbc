// https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
import { METRICS } from '../kernel/metrics.ts';
import type { GaugeSample, Labels, MetricDefinition, Metrics } from '../kernel/metrics.ts';

export interface PrometheusMetrics extends Metrics {
  /** What `GET /metrics` answers, as `contentType`. */
  text(): string;
  readonly contentType: string;
}

interface Histogram {
  /** How many values fell into each bucket, the last one being that without a bound. */
  readonly counts: number[];
  sum: number;
}

/**
 * Keeps the numbers of this process and writes them in the text format, version 0.0.4. For an application that has
 * no metrics yet; one that has hands its OpenTelemetry meter to the binding beside this one.
 */
export function createPrometheusMetrics(): PrometheusMetrics {
  const counters = new Map<string, Map<string, number>>();
  const histograms = new Map<string, Map<string, Histogram>>();
  const sources: (() => readonly GaugeSample[])[] = [];

  return {
    count(name, by, labels): void {
      const series = entryOf(counters, name, () => new Map<string, number>());
      const key = labelText(labels);
      series.set(key, (series.get(key) ?? 0) + by);
    },

    observe(name, value, labels): void {
      const buckets = bucketsOf(name);
      const series = entryOf(histograms, name, () => new Map<string, Histogram>());
      const empty = (): Histogram => ({
        counts: Array.from({ length: buckets.length + 1 }, () => 0),
        sum: 0,
      });
      const histogram = entryOf(series, labelText(labels), empty);
      const index = buckets.findIndex((bound) => value <= bound);
      const place = index === -1 ? buckets.length : index;
      histogram.counts[place] = (histogram.counts[place] ?? 0) + 1;
      histogram.sum += value;
    },

    watch: (read) => void sources.push(read),

    text(): string {
      const gauges = sources.flatMap((read) => read());
      return Object.entries(METRICS)
        .map(([name, definition]) => {
          const lines = [
            ...[...(counters.get(name) ?? [])].map(([labels, value]) => sampleLine(name, labels, value)),
            ...[...(histograms.get(name) ?? [])].flatMap(([labels, one]) =>
              histogramLines(name, labels, one),
            ),
            ...gauges
              .filter((gauge) => gauge.name === name)
              .map((gauge) => sampleLine(name, labelText(gauge.labels), gauge.value)),
          ];
          return `# HELP ${name} ${definition.help}\n# TYPE ${name} ${definition.kind}\n${lines.join('')}`;
        })
        .join('');
    },

    contentType: 'text/plain; version=0.0.4; charset=utf-8',
  };
}

function histogramLines(name: string, labels: string, { counts, sum }: Histogram): string[] {
  const bounds = [...bucketsOf(name).map(String), '+Inf'];
  let total = 0;
  const lines = bounds.map((bound, index) => {
    total += counts[index] ?? 0;
    return sampleLine(`${name}_bucket`, joinLabels(labels, `le="${bound}"`), total);
  });
  return [...lines, sampleLine(`${name}_sum`, labels, sum), sampleLine(`${name}_count`, labels, total)];
}

function bucketsOf(name: string): readonly number[] {
  const definitions: Readonly<Record<string, MetricDefinition>> = METRICS;
  const definition = definitions[name];
  return (definition === undefined ? undefined : definition.buckets) ?? [];
}

function sampleLine(name: string, labels: string, value: number): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`;
}

/** Also the key of a series, so the names come in one order. */
function labelText(labels: Labels = {}): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escaped(labels[name] ?? '')}"`)
    .join();
}

function joinLabels(left: string, right: string): string {
  return left === '' ? right : `${left},${right}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
