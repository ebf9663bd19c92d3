import { checkTable } from '../shape/check.js';
import { configShape } from '../shape/config-shape.js';
import { locate } from '../toml/locate.js';
import type { ConfigProblem, EffectiveConfig } from './effective-config.js';
import type { Layer } from './layer.js';
import type { Range } from '../toml/locate.js';

/** What config/read answers (-32603) while the configuration cannot be used (docs/protocol/config.md §2). */
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

/** A problem as warnings and refused threads show it: with its place in a file where it has one. */
export interface LocatedProblem {
  /** `FILE:LINE:COLUMN: text`, or the bare text. */
  readonly text: string;
  readonly path: string | null;
  readonly range: Range | null;
  /** The layer it comes from, where that is known. */
  readonly layer: Layer['name']['type'] | null;
}

/** Finds the place of a problem. Scans the file's text: not for hot paths. */
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

/** What stands behind `failed to load configuration: `. */
export const problemText = (effective: EffectiveConfig, problem: ConfigProblem): string =>
  locateProblem(effective, problem).text;

/** The highest layer with a file that is wrong by itself. */
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
