/**
 * Some servers leave a model's reasoning in its text, between `<think>` and `</think>` at the beginning of the answer.
 * This splitter separates the two while the text arrives in pieces. A tag at any other place is text.
 */

export interface ThinkPiece {
  readonly kind: 'reasoning' | 'text';
  readonly text: string;
}

export interface ThinkTags {
  /** Adds a piece of the answer and returns the parts that can be separated now. */
  push(text: string): ThinkPiece[];
  /** Returns the rest at the end of the answer. */
  end(): ThinkPiece[];
}

const OPEN = '<think>';
const CLOSE = '</think>';

export function createThinkTags(): ThinkTags {
  let state: 'start' | 'reasoning' | 'after' | 'text' = 'start';
  let kept = '';

  const push = (text: string): ThinkPiece[] => {
    if (state === 'text') return text === '' ? [] : [{ kind: 'text', text }];
    kept += text;
    if (state === 'start') {
      const begin = kept.trimStart();
      if (begin.length < OPEN.length && OPEN.startsWith(begin)) return [];
      if (!begin.startsWith(OPEN)) return asText();
      kept = begin.slice(OPEN.length);
      state = 'reasoning';
    }
    if (state === 'after') return afterClose([]);
    const close = kept.indexOf(CLOSE);
    if (close >= 0) {
      const reasoning = kept.slice(0, close);
      kept = kept.slice(close + CLOSE.length);
      state = 'after';
      return afterClose(piece('reasoning', reasoning));
    }
    // The last characters may be the beginning of the closing tag.
    const safe = kept.length - overlap(kept);
    const reasoning = kept.slice(0, safe);
    kept = kept.slice(safe);
    return piece('reasoning', reasoning);
  };

  /** Blank lines between the reasoning and the text belong to neither. */
  const afterClose = (before: ThinkPiece[]): ThinkPiece[] => {
    kept = kept.trimStart();
    return kept === '' ? before : [...before, ...asText()];
  };
  const asText = (): ThinkPiece[] => {
    const text = kept;
    kept = '';
    state = 'text';
    return piece('text', text);
  };

  return {
    push,
    end() {
      const rest = kept;
      kept = '';
      return piece(state === 'reasoning' ? 'reasoning' : 'text', rest);
    },
  };
}

const piece = (kind: ThinkPiece['kind'], text: string): ThinkPiece[] => (text === '' ? [] : [{ kind, text }]);

/** How many characters at the end of `text` are the beginning of the closing tag. */
function overlap(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(CLOSE.slice(0, length))) return length;
  }
  return 0;
}
