/**
 * Metrics in the text format of Prometheus (exposition format 0.0.4). There is no registry: each part of the daemon
 * keeps its own counters, and a scrape reads them.
 */

export interface Metric {
  readonly name: string;
  /** One line. */
  readonly help: string;
  /** The value of a counter only grows during the life of the daemon. */
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Each label has a small, fixed set of values; clients and commands cannot choose them. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** `samples`: a number for a metric without labels. */
export const counter = (name: string, help: string, samples: readonly Sample[] | number): Metric => ({
  name,
  help,
  type: 'counter',
  samples: samplesOf(samples),
});
export const gauge = (name: string, help: string, samples: readonly Sample[] | number): Metric => ({
  name,
  help,
  type: 'gauge',
  samples: samplesOf(samples),
});
const samplesOf = (samples: readonly Sample[] | number): readonly Sample[] =>
  typeof samples === 'number' ? [{ value: samples }] : samples;

/** One sample for each member. */
export const byLabel = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));

export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string => value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
