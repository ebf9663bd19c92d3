import t from 'tap';
import { compare, median, type Measure, type Sampler } from '../../bench/measure.js';
import { failureRow, heading, resultRow } from '../../bench/table.js';
import type { Target } from '../../bench/targets.js';

const target = (name: Target['name']): Target => ({ name, command: name, args: [], path: [] });
const [codexd, reference] = [target('codexd'), target('reference')];

/** A measure whose samples come from a list, and which notes everything that happens. */
function scripted(values: Record<Target['name'], number[]>, log: string[], over: Partial<Measure> = {}): Measure {
  return {
    name: 'm',
    title: 'a measure',
    unit: 'ms',
    budget: { atMost: 0.5 },
    rounds: 3,
    warmUp: 1,
    prepare: ({ name }): Promise<Sampler> => {
      log.push(`prepare ${name}`);
      return Promise.resolve({
        sample: () => {
          log.push(name);
          const value = values[name].shift();
          return value === undefined ? Promise.reject(new Error(`${name} broke`)) : Promise.resolve(value);
        },
        close: () => Promise.resolve(void log.push(`close ${name}`)),
      });
    },
    ...over,
  };
}

t.test('samples alternate between the sides, the warm-up does not count, and medians are compared', async (t) => {
  const log: string[] = [];
  const measure = scripted({ codexd: [99, 4, 100, 5], reference: [99, 20, 1, 10] }, log);
  const result = await compare(measure, codexd, reference);
  t.strictSame(log.slice(2, 10), [
    'codexd',
    'reference',
    'codexd',
    'reference',
    'codexd',
    'reference',
    'codexd',
    'reference',
  ]);
  t.match(result, { codexd: 5, reference: 10, ratio: 0.5, withinBudget: true });
  t.strictSame(result.samples, { codexd: [4, 100, 5], reference: [20, 1, 10] });
});

t.test('a budget with atLeast is a lower limit', async (t) => {
  const over = { budget: { atLeast: 3 }, rounds: 1, warmUp: 0 } as const;
  const three = await compare(scripted({ codexd: [30], reference: [10] }, [], over), codexd, reference);
  const less = await compare(scripted({ codexd: [29], reference: [10] }, [], over), codexd, reference);
  t.strictSame([three.withinBudget, less.withinBudget], [true, false]);
});

t.test('a failed sample fails its measure, and both sides are closed', async (t) => {
  const log: string[] = [];
  await t.rejects(compare(scripted({ codexd: [1, 1], reference: [1] }, log), codexd, reference), /reference broke/);
  t.strictSame(log.slice(-2), ['close codexd', 'close reference']);
});

t.test('the median of an even number of samples is the mean of the middle two', (t) => {
  t.equal(median([1, 100, 3, 2]), 2.5);
  t.equal(median([7]), 7);
  t.throws(() => median([]), /no samples/);
  t.end();
});

t.test('the table shows missed budgets and failed measures', async (t) => {
  const measure = scripted({ codexd: [30], reference: [40] }, [], { rounds: 1, warmUp: 0 });
  const row = resultRow(await compare(measure, codexd, reference));
  t.match(row, /^a measure +30\.0 ms +40\.0 ms +0\.75× +0\.75× +≤ 0\.5× +MISSED$/);
  t.equal(row.indexOf('≤ 0.5×') + 6, heading().trimEnd().length, 'columns stand under their headings');
  t.match(failureRow(measure, new Error('no sandbox')), /^a measure +failed: no sandbox$/);
});
