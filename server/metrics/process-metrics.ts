/**
 * The metrics of the process. Names, help texts and units are those of prom-client's default metrics, so dashboards for
 * Node programs work.
 */
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { counter, gauge, type Metric } from './metrics.js';
import { descriptorLimit, openDescriptors } from '../system/programs/descriptors.js';

export async function processMetrics(): Promise<Metric[]> {
  const lag = await eventLoopLag();
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  const limit = descriptorLimit();
  const [major, minor, patch] = process.versions.node.split('.');
  const version = { version: process.version, major: major!, minor: minor!, patch: patch! };
  return [
    counter('process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.', user / 1e6),
    counter('process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.', system / 1e6),
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', (user + system) / 1e6),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', STARTED),
    gauge('process_uptime_seconds', 'How long the process has run.', process.uptime()),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', memory.rss),
    ...(process.platform === 'linux'
      ? [gauge('process_open_fds', 'Number of open file descriptors.', openDescriptors())]
      : []),
    ...(limit === Infinity ? [] : [gauge('process_max_fds', 'Maximum number of open file descriptors.', limit)]),
    gauge('nodejs_eventloop_lag_seconds', 'Lag of event loop in seconds.', lag.now),
    gauge('nodejs_eventloop_lag_mean_seconds', 'The mean of the recorded event loop delays.', lag.mean),
    gauge('nodejs_eventloop_lag_max_seconds', 'The maximum recorded event loop delay.', lag.max),
    gauge('nodejs_eventloop_lag_p50_seconds', 'The 50th percentile of the recorded event loop delays.', lag.p50),
    gauge('nodejs_eventloop_lag_p99_seconds', 'The 99th percentile of the recorded event loop delays.', lag.p99),
    gauge('nodejs_heap_size_total_bytes', 'Process heap size from Node.js in bytes.', memory.heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.', memory.heapUsed),
    gauge('nodejs_external_memory_bytes', 'Node.js external memory size in bytes.', memory.external),
    gauge('nodejs_version_info', 'Node.js version info.', [{ labels: version, value: 1 }]),
  ];
}

const STARTED = Math.round(Date.now() - process.uptime() * 1000) / 1000;

/** Wakes the process ten times a second, so it runs only if metrics are scraped. */
const SAMPLE_MS = 100;
let delays: IntervalHistogram | undefined;

/** In seconds, for the time since the last scrape; `now` is the current value. */
async function eventLoopLag(): Promise<Readonly<Record<'now' | 'mean' | 'max' | 'p50' | 'p99', number>>> {
  const asked = process.hrtime.bigint();
  await new Promise((resolve) => setImmediate(resolve));
  const now = Number(process.hrtime.bigint() - asked) / 1e9;
  if (delays === undefined) {
    delays = monitorEventLoopDelay({ resolution: SAMPLE_MS });
    delays.enable();
  }
  // It measures the time between samples: the time above the requested interval is the delay.
  const beyond = (ns: number): number => Math.max(0, ns / 1e9 - SAMPLE_MS / 1000);
  const measured =
    delays.count === 0
      ? { mean: 0, max: 0, p50: 0, p99: 0 }
      : {
          mean: beyond(delays.mean),
          max: beyond(delays.max),
          p50: beyond(delays.percentile(50)),
          p99: beyond(delays.percentile(99)),
        };
  delays.reset();
  return { now, ...measured };
}
