/**
 * npm run bench -- curves: how the cost grows with the load, for codexd alone. Each row has the time of the whole work
 * at each load, and the time of one unit at the highest load divided by that at the lowest. More than 1: the cost grows
 * faster than the work.
 */
import { CURVES } from './loads.js';
import { median } from './measure.js';
import type { Target } from './targets.js';

/**
 * Prints a row for each curve whose title begins with one of these words; without words, for all. Loads take turns, so
 * that other work of the machine affects all of them.
 */
export async function printCurves(target: Target, titles: readonly string[]): Promise<void> {
  console.log(`${'medians, in ms'.padEnd(72)}a unit at the highest ÷ lowest load: medians, minima`);
  for (const { title, loads, rounds, cost } of CURVES) {
    if (titles.length > 0 && !titles.some((start) => title.startsWith(start))) continue;
    const samples = new Map<number, number[]>(loads.map((load) => [load, []]));
    for (let round = 0; round < rounds; round++)
      for (const load of loads) samples.get(load)?.push(await cost(target, load));
    const costs = [...samples].map(([load, values]) => ({ load, ms: median(values), least: Math.min(...values) }));
    const [lowest, highest] = [costs[0], costs.at(-1)];
    if (lowest === undefined || highest === undefined) throw new Error(`${title} has no loads`);
    const share = lowest.load / highest.load;
    const growth = [(highest.ms / lowest.ms) * share, (highest.least / lowest.least) * share];
    const cells = costs.map(({ load, ms }) => `${load}: ${ms.toFixed(ms < 10 ? 2 : 0)}`).join('   ');
    console.log(`${title.padEnd(32)}${cells.padEnd(40)}${growth.map((by) => `${by.toFixed(2)}×`).join('   ')}`);
  }
}
