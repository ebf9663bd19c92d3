import type { Measure, Result } from './measure.js';

const WIDTHS = [36, 16, 16, 8, 8, 9] as const;

export const heading = (): string => row('', 'codexd', 'reference', 'ratio', 'of best', 'budget', '');

export function resultRow(result: Result): string {
  const { title, codexd, reference, unit, ratio, bestRatio, budget, withinBudget } = result;
  const verdict = withinBudget ? 'held' : 'MISSED';
  return row(
    title,
    value(codexd, unit),
    value(reference, unit),
    `${round(ratio)}×`,
    `${round(bestRatio)}×`,
    budgetText(budget),
    verdict,
  );
}

/** The row of a failed measure contains the error: no number is better than a wrong number. */
export const failureRow = ({ title }: Measure, error: Error): string =>
  `${title.padEnd(WIDTHS[0])}  failed: ${error.message}`;

function row(title: string, ...cells: [string, string, string, string, string, string]): string {
  const [codexd, reference, ratio, best, budget, verdict] = cells;
  const numbers = [codexd, reference, ratio, best, budget].map((cell, i) => cell.padStart(WIDTHS[i + 1] ?? 0));
  return `${title.padEnd(WIDTHS[0])}${numbers.join('')}  ${verdict}`.trimEnd();
}

const budgetText = (budget: Measure['budget']): string =>
  'atMost' in budget ? `≤ ${budget.atMost}×` : `≥ ${budget.atLeast}×`;
const value = (number: number, unit: string): string => `${round(number)} ${unit}`;
const round = (number: number): string =>
  number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);
