import { checkTable } from '../shape/check.js';
import { configShape } from '../shape/config-shape.js';
import { locate } from '../toml/locate.js';
import type { ConfigProblem, EffectiveConfig } from './effective-config.js';
import type { Layer } from './layer.js';
import type { Range } from '../toml/locate.js';

/** The message of config/read's error -32603 for an invalid configuration (docs/protocol/config.md §2). */
export function configReadMessage(problem: ConfigProblem): string {
  switch (problem.kind) {
    case 'layers':
      return `failed to read configuration layers: ${problem.error.message}`;
    case 'value':
      return `invalid configuration: ${problem.mismatch.text}\nin \`${problem.mismatch.path.join('.')}\`\n`;
    case 'meaning':
      return `failed to resolve feature override precedence: ${problem.text}`;
  }
}

/** A problem in the form for warnings and refused threads: with its position in a file, if it has one. */
export interface LocatedProblem {
  /** `FILE:LINE:COLUMN: text`, or the bare text. */
  readonly text: string;
  readonly path: string | null;
  readonly range: Range | null;
  /** The layer of the problem; null: unknown. */
  readonly layer: Layer['name']['type'] | null;
}

/** Finds the position of a problem. Scans the text of the file, so it is slow. */
export function locateProblem(effective: EffectiveConfig, problem: ConfigProblem): LocatedProblem {
  switch (problem.kind) {
    case 'layers': {
      const { message, malformed, layer } = problem.error;
      const at = malformed === null ? null : { line: malformed.line, column: malformed.column };
      const range = at === null ? null : { start: at, end: at };
      return { text: message, path: malformed?.path ?? null, range, layer: layer?.type ?? null };
    }
    case 'value':
      return culprit(effective.layers) ?? unlocated(effective, problem);
    case 'meaning':
      return { text: problem.text, path: null, range: null, layer: null };
  }
}

/** The text after `failed to load configuration: `. */
export const problemText = (effective: EffectiveConfig, problem: ConfigProblem): string =>
  locateProblem(effective, problem).text;

/** The mistake in the highest layer with an invalid file. */
function culprit(layers: readonly Layer[]): LocatedProblem | null {
  for (const { name, file, disabledReason } of [...layers].reverse()) {
    if (disabledReason !== null || file?.kind !== 'parsed') continue;
    const mismatch = checkTable(file.table, configShape());
    if (mismatch === null) continue;
    const range = locate(file.text, mismatch.path);
    const text = mismatch.fileText ?? mismatch.text;
    const where = range === null ? file.path : `${file.path}:${range.start.line}:${range.start.column}`;
    return { text: `${where}: ${text}`, path: file.path, range, layer: name.type };
  }
  return null;
}

function unlocated(effective: EffectiveConfig, { mismatch }: ConfigProblem & { kind: 'value' }): LocatedProblem {
  const flags = effective.layers.some((layer) => layer.name.type === 'sessionFlags');
  return {
    text: `${mismatch.text}\nin \`${mismatch.path.join('.')}\`\n`,
    path: null,
    range: null,
    layer: flags ? 'sessionFlags' : null,
  };
}
