/**
 * Plan mode: the text between the lines `<proposed_plan>` and `</proposed_plan>` is a plan and not part of the message
 * (docs/protocol/turns.md §2). The text arrives in pieces, which may end at any character.
 */

export type PlanPiece =
  | { readonly kind: 'text' | 'plan'; readonly text: string }
  | { readonly kind: 'planStart' }
  | { readonly kind: 'planEnd' };

export interface PlanSplitter {
  push(text: string): PlanPiece[];
  /** Ends the message. */
  end(): PlanPiece[];
}

const OPEN = '<proposed_plan>';
const CLOSE = '</proposed_plan>';

export function createPlanSplitter(): PlanSplitter {
  let line = '';
  /** The beginning of the line was passed on already, so the line is not a mark. */
  let passed = false;
  let inPlan = false;
  const take = (text: string): PlanPiece[] => (text === '' ? [] : [{ kind: inPlan ? 'plan' : 'text', text }]);
  const endLine = (end: string): PlanPiece[] => {
    const whole = line;
    const wasPassed = passed;
    line = '';
    passed = false;
    if (!wasPassed && whole.trim() === (inPlan ? CLOSE : OPEN)) {
      inPlan = !inPlan;
      return [{ kind: inPlan ? 'planStart' : 'planEnd' }];
    }
    return take(whole + end);
  };
  return {
    push(text) {
      const pieces: PlanPiece[] = [];
      for (let rest = text; rest !== '';) {
        const newline = rest.indexOf('\n');
        const part = newline < 0 ? rest : rest.slice(0, newline);
        line += part;
        rest = newline < 0 ? '' : rest.slice(newline + 1);
        if (newline >= 0) pieces.push(...endLine('\n'));
        else if (passed || !mayBecomeMark(line, inPlan ? CLOSE : OPEN)) {
          pieces.push(...take(line));
          line = '';
          passed = true;
        }
      }
      return joined(pieces);
    },
    end() {
      const pieces = endLine('');
      if (inPlan) pieces.push({ kind: 'planEnd' });
      inPlan = false;
      return pieces;
    },
  };
}

const mayBecomeMark = (line: string, mark: string): boolean =>
  mark.startsWith(line.trimStart()) || line.trim() === mark;

/** Joins neighbouring pieces of one kind. */
function joined(pieces: readonly PlanPiece[]): PlanPiece[] {
  const all: PlanPiece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if ('text' in piece && last !== undefined && 'text' in last && last.kind === piece.kind)
      all[all.length - 1] = { kind: piece.kind, text: last.text + piece.text };
    else all.push(piece);
  }
  return all;
}
