import type { Target } from './targets.js';

/**
 * One row of the comparison: what is measured, how often, and what the project has promised (docs: README.md, "Speed").
 */
export interface Measure {
  /** What `npm run bench -- NAME` selects. */
  readonly name: string;
  readonly title: string;
  readonly unit: 'ms' | 'MiB' | 'MiB/s' | 'exec/s' | 'req/s' | 'deltas/s';
  /** codexd divided by the reference: `atMost` where less is better, `atLeast` where more is. */
  readonly budget: { readonly atMost: number } | { readonly atLeast: number };
  /** Samples a side. */
  readonly rounds: number;
  /** Samples a side that are thrown away first: caches, pools and just-in-time compilers fill. */
  readonly warmUp: number;
  /** Gets everything ready that is not part of the sample. */
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
  readonly budget: Measure['budget'];
  readonly withinBudget: boolean;
  readonly samples: { readonly codexd: readonly number[]; readonly reference: readonly number[] };
}

/** Takes the samples of both sides in turn (A B A B …), so that whatever else the machine does hits both alike. */
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
    budget,
    withinBudget: 'atMost' in budget ? ratio <= budget.atMost : ratio >= budget.atLeast,
    samples: { codexd: ours, reference: theirs },
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('no samples');
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** How long `action` takes. In ms. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}
