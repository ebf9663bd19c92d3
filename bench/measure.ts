import type { Target } from './targets.js';

/** One row of the comparison: the measure, the number of samples, and the budget (docs: README.md, "Speed"). */
export interface Measure {
  /** The name for `npm run bench -- NAME`. */
  readonly name: string;
  readonly title: string;
  readonly unit: 'ms' | 'MiB' | 'MiB/s' | 'exec/s' | 'req/s' | 'deltas/s';
  /** The ratio codexd ÷ reference: `atMost` when less is better, `atLeast` when more is better. */
  readonly budget: { readonly atMost: number } | { readonly atLeast: number };
  /** Samples of each side. */
  readonly rounds: number;
  /** Warm-up samples of each side, not counted: they fill caches and pools and warm up the just-in-time compiler. */
  readonly warmUp: number;
  /** Prepares everything that is not part of the sample. */
  prepare(target: Target): Promise<Sampler>;
}

export interface Sampler {
  sample(): Promise<number>;
  close(): Promise<void>;
}

export interface Result {
  readonly name: string;
  readonly title: string;
  readonly unit: Measure['unit'];
  /** Medians. */
  readonly codexd: number;
  readonly reference: number;
  /** codexd ÷ reference. */
  readonly ratio: number;
  /** The same of the best samples, on which other work of the machine has the least effect. */
  readonly bestRatio: number;
  readonly budget: Measure['budget'];
  readonly withinBudget: boolean;
  readonly samples: { readonly codexd: readonly number[]; readonly reference: readonly number[] };
}

/**
 * Takes samples of both sides alternately (A B A B …), so that other load of the machine affects both sides equally.
 */
export async function compare(measure: Measure, codexd: Target, reference: Target): Promise<Result> {
  const samplers: Sampler[] = [];
  const samples: [number[], number[]] = [[], []];
  try {
    for (const target of [codexd, reference]) samplers.push(await measure.prepare(target));
    for (let round = -measure.warmUp; round < measure.rounds; round++) {
      for (const [side, sampler] of samplers.entries()) {
        const value = await sampler.sample();
        if (round >= 0) samples[side]?.push(value);
      }
    }
  } finally {
    for (const sampler of samplers) await sampler.close();
  }
  const [ours, theirs] = samples;
  const ratio = median(ours) / median(theirs);
  const { budget, name, title, unit } = measure;
  return {
    name,
    title,
    unit,
    codexd: median(ours),
    reference: median(theirs),
    ratio,
    bestRatio: best(ours, budget) / best(theirs, budget),
    budget,
    withinBudget: 'atMost' in budget ? ratio <= budget.atMost : ratio >= budget.atLeast,
    samples: { codexd: ours, reference: theirs },
  };
}

const best = (values: readonly number[], budget: Measure['budget']): number =>
  'atMost' in budget ? Math.min(...values) : Math.max(...values);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('no samples');
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The duration of `action`, in ms. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}
