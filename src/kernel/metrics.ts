export interface MetricDefinition<Kind extends MetricKind = MetricKind> {
  readonly kind: Kind;
  readonly help: string;
  /** Upper bounds of the buckets, ascending; histograms only. */
  readonly buckets?: readonly number[] | undefined;
}

export type MetricKind = 'counter' | 'gauge' | 'histogram';

export type CounterName =
  | 'evtgen_events_emitted_total'
  | 'evtgen_events_sequenced_total'
  | 'evtgen_events_published_total'
  | 'evtgen_publish_failures_total'
  | 'evtgen_delivery_attempts_total'
  | 'evtgen_dead_letters_total';
export type HistogramName =
  | 'evtgen_publish_duration_seconds'
  | 'evtgen_publish_delay_seconds'
  | 'evtgen_delivery_attempt_duration_seconds';
export type GaugeName =
  | 'evtgen_reader_lag_events'
  | 'evtgen_part_up'
  | 'evtgen_leader'
  | 'evtgen_stream_clients';

type Definitions = Readonly<
  Record<CounterName, MetricDefinition<'counter'>> &
    Record<HistogramName, MetricDefinition<'histogram'>> &
    Record<GaugeName, MetricDefinition<'gauge'>>
>;

const SECONDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Everything that is measured, with units and endings as Prometheus advises. Labels have few values each: event
 * types, readers and outcomes, never ids.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export const METRICS: Definitions = {
  evtgen_events_emitted_total: {
    kind: 'counter',
    help: 'Events written into the outbox, by event_type and outcome (logged, dead_lettered). Their transactions may still roll back.',
  },
  evtgen_events_sequenced_total: { kind: 'counter', help: 'Events that got their position.' },
  evtgen_events_published_total: { kind: 'counter', help: 'Events that a broker confirmed, by publisher.' },
  evtgen_publish_failures_total: {
    kind: 'counter',
    help: 'Batches that a broker did not take, by publisher.',
  },
  evtgen_publish_duration_seconds: {
    kind: 'histogram',
    help: 'From handing a batch to a broker to its confirmation, by publisher.',
    buckets: SECONDS,
  },
  evtgen_publish_delay_seconds: {
    kind: 'histogram',
    help: 'From the emit of an event to the confirmation of a broker, by publisher.',
    buckets: SECONDS,
  },
  evtgen_delivery_attempts_total: {
    kind: 'counter',
    help: 'Webhook attempts, by outcome (success, http_4xx, http_5xx, timeout, refused and so on).',
  },
  evtgen_delivery_attempt_duration_seconds: {
    kind: 'histogram',
    help: 'From the start of a webhook attempt to the end of its response.',
    buckets: SECONDS,
  },
  evtgen_dead_letters_total: {
    kind: 'counter',
    help: 'Dead letters made, by kind (delivery_exhausted, pipeline_error).',
  },
  evtgen_reader_lag_events: {
    kind: 'gauge',
    help: 'Events between the cursor of a reader and the head, by reader; of readers that this process runs.',
  },
  evtgen_part_up: {
    kind: 'gauge',
    help: '1 for each part of the worker that is active or stands by, 0 for one that is failing or stopped, by part.',
  },
  evtgen_leader: { kind: 'gauge', help: '1 where this process acts in the role of a part, by part.' },
  evtgen_stream_clients: { kind: 'gauge', help: 'Connected clients of the event stream.' },
};

export type Labels = Readonly<Record<string, string>>;

/** The value of a gauge at this moment. */
export interface GaugeSample {
  readonly name: GaugeName;
  readonly value: number;
  readonly labels?: Labels | undefined;
}

/** Where measurements go. None of the calls may throw or take long. */
export interface Metrics {
  count(name: CounterName, by: number, labels?: Labels | undefined): void;
  /** @param value in the unit that the name ends with */
  observe(name: HistogramName, value: number, labels?: Labels | undefined): void;
  /** Registers a source of gauges, asked whenever they are collected. */
  watch(read: () => readonly GaugeSample[]): void;
}
