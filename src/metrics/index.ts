import type { SetupPart } from '../generate/setup-part.ts';

/** A file in this folder that gives the kernel's `Metrics`. */
export interface MetricsBinding {
  /** As `metrics` in evtgen.config.json names it. */
  readonly id: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
  readonly setup: SetupPart;
}

export const metricsBindings: readonly MetricsBinding[] = [
  {
    id: 'prometheus',
    packages: [],
    setup: {
      imports: [`{ createPrometheusMetrics, type PrometheusMetrics } from '#events/metrics/prometheus.ts'`],
      statements: `\
/** For the route that Prometheus asks: answer with \`metrics.text()\` and its \`metrics.contentType\`. */
export const metrics: PrometheusMetrics = createPrometheusMetrics();`,
      settings: 'metrics,',
    },
  },
  {
    id: 'opentelemetry',
    packages: ['@opentelemetry/api'],
    setup: {
      imports: [
        `{ metrics } from '@opentelemetry/api'`,
        `{ openTelemetryMetrics } from '#events/metrics/opentelemetry.ts'`,
      ],
      settings: `metrics: openTelemetryMetrics(metrics.getMeter('events')),`,
    },
  },
];
