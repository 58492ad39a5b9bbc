// https://opentelemetry.io/docs/specs/otel/metrics/api/
import { METRICS } from '../kernel/metrics.ts';
import type { GaugeName, GaugeSample, Labels, MetricDefinition, Metrics } from '../kernel/metrics.ts';

interface InstrumentOptions {
  readonly description: string;
  readonly unit?: string;
  readonly advice?: { readonly explicitBucketBoundaries?: number[] };
}

/** What is used of a `Meter` of @opentelemetry/api; typed by shape, so any version from 1.7 on fits. */
export interface OpenTelemetryMeter {
  createCounter(name: string, options: InstrumentOptions): { add(value: number, attributes?: Labels): void };
  createHistogram(
    name: string,
    options: InstrumentOptions,
  ): { record(value: number, attributes?: Labels): void };
  createObservableGauge(
    name: string,
    options: InstrumentOptions,
  ): {
    addCallback(callback: (result: { observe(value: number, attributes?: Labels): void }) => void): void;
  };
}

/** Hands everything to the meter: `metrics.getMeter('events')` of @opentelemetry/api. */
export function openTelemetryMetrics(meter: OpenTelemetryMeter): Metrics {
  const sources: (() => readonly GaugeSample[])[] = [];
  const counters = new Map<string, ReturnType<OpenTelemetryMeter['createCounter']>>();
  const histograms = new Map<string, ReturnType<OpenTelemetryMeter['createHistogram']>>();

  for (const [name, definition] of Object.entries(METRICS) as [string, MetricDefinition][]) {
    const options = { description: definition.help, ...unitOf(name), ...adviceOf(definition) };
    if (definition.kind === 'counter') counters.set(name, meter.createCounter(name, options));
    else if (definition.kind === 'histogram') histograms.set(name, meter.createHistogram(name, options));
    else {
      meter.createObservableGauge(name, options).addCallback((result) => {
        for (const { value, labels } of samplesOf(name as GaugeName)) result.observe(value, labels);
      });
    }
  }

  function samplesOf(name: GaugeName): GaugeSample[] {
    return sources.flatMap((read) => read()).filter((sample) => sample.name === name);
  }

  return {
    count(name, by, labels): void {
      const counter = counters.get(name);
      if (counter !== undefined) counter.add(by, labels);
    },
    observe(name, value, labels): void {
      const histogram = histograms.get(name);
      if (histogram !== undefined) histogram.record(value, labels);
    },
    watch: (read) => void sources.push(read),
  };
}

/** Units by UCUM; events are counted in braces. */
function unitOf(name: string): { readonly unit?: string } {
  if (name.endsWith('_seconds')) return { unit: 's' };
  return name.includes('events') ? { unit: '{event}' } : {};
}

function adviceOf({ buckets }: MetricDefinition): Pick<InstrumentOptions, 'advice'> {
  return buckets === undefined ? {} : { advice: { explicitBucketBoundaries: [...buckets] } };
}
