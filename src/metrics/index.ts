/** A file in this folder that gives the kernel's `Metrics`. */
export interface MetricsBinding {
  /** As `metrics` in evtgen.config.json names it. */
  readonly id: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
}

export const metricsBindings: readonly MetricsBinding[] = [
  { id: 'prometheus', packages: [] },
  { id: 'opentelemetry', packages: ['@opentelemetry/api'] },
];
