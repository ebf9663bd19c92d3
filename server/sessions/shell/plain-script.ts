/**
 * Parses a shell script as far as that is safe: words, quotes, `&&`, `||`, `;`, `|` and nothing else.
 *
 * Threat: an allowing rule matches words that differ from the shell's words for the same bytes. Rule: only space, tab
 * and line feed separate words, as in the shell. A script is not understood if it has an element that may do more than
 * its words: expansions, redirections, substitutions, subshells, assignments, comments, background jobs, control
 * characters. Words that the shell may change (globs, tildes) are understood but not `literal`. Words are not `clean`
 * if some shell or locale may read them differently, or if a person cannot see them correctly. Scope: POSIX shells.
 * Non-scope: the effects of the words, and a shell's own start-up files.
 */

/** Commands joined by `|`. */
export type Pipeline = readonly (readonly string[])[];

export interface PlainScript {
  readonly pipelines: readonly Pipeline[];
  /** The operators between the pipelines; one fewer than `pipelines`. */
  readonly connectors: readonly Connector[];
  /** Whether every word looks as it is; outside of quotes only ASCII does. */
  readonly clean: boolean;
  /** Whether every program receives its words exactly as they are written. */
  readonly literal: boolean;
}

export type Connector = '&&' | '||' | ';';

/** A longer script is not understood: nobody writes that many commands for a person to read. */
const MAX_CHARACTERS = 64_000;

/** Null: not understood. */
export function plainScript(script: string): PlainScript | null {
  if (script.length > MAX_CHARACTERS) return null;
  const tokens = tokenize(script);
  if (tokens === null) return null;
  const pipelines: string[][][] = [[[]]];
  const connectors: Connector[] = [];
  let [clean, literal] = [true, true];
  for (const token of tokens) {
    const pipeline = pipelines.at(-1)!;
    const command = pipeline.at(-1)!;
    if (token.kind === 'word') {
      command.push(token.text);
      clean &&= token.clean;
      literal &&= token.literal;
      continue;
    }
    if (command.length === 0) return null;
    if (token.text === '|') pipeline.push([]);
    else {
      connectors.push(token.text);
      pipelines.push([[]]);
    }
  }
  // A `;` may end the script.
  if (pipelines.at(-1)!.at(-1)!.length === 0) {
    if (connectors.pop() !== ';' || pipelines.at(-1)!.length > 1) return null;
    pipelines.pop();
  }
  const assigns = (word: string | undefined): boolean => word !== undefined && ASSIGNMENT.test(word);
  if (pipelines.some((pipeline) => pipeline.some(([first]) => assigns(first) || RESERVED.has(first ?? ''))))
    return null;
  return { pipelines, connectors, clean, literal };
}

/** `A=1`, `A+=1`, `A[0]=1`. */
export const ASSIGNMENT = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/;

/** Words that begin a compound command. */
export const RESERVED: ReadonlySet<string> = new Set(
  '! { } [[ case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
);

type Token =
  | { readonly kind: 'word'; readonly text: string; readonly clean: boolean; readonly literal: boolean }
  | { readonly kind: 'operator'; readonly text: Connector | '|' };

/** POSIX shell §2.3, for the supported part of the language. */
function tokenize(script: string): Token[] | null {
  const tokens: Token[] = [];
  let word: string | null = null;
  let [clean, literal] = [true, true];
  const end = (): void => {
    if (word !== null) tokens.push({ kind: 'word', text: word, clean: clean && isVisible(word), literal });
    word = null;
    [clean, literal] = [true, true];
  };
  for (let i = 0; i < script.length; i++) {
    const char = script.charAt(i);
    if (char === ' ' || char === '\t') end();
    else if (char === '\n') {
      end();
      // Empty lines, and a line that continues after an operator.
      if (tokens.at(-1)?.kind === 'word') tokens.push({ kind: 'operator', text: ';' });
    } else if (char === "'") {
      const close = script.indexOf("'", i + 1);
      if (close < 0) return null;
      word = (word ?? '') + script.slice(i + 1, close);
      i = close;
    } else if (char === '"') {
      const close = script.indexOf('"', i + 1);
      const inner = script.slice(i + 1, close);
      if (close < 0 || /[$`\\!]/.test(inner)) return null;
      word = (word ?? '') + inner;
      i = close;
    } else if (char === '&' || char === '|') {
      end();
      const twice = script.charAt(i + 1) === char;
      if (char === '&' && !twice) return null;
      if (char === '|' && script.charAt(i + 1) === '&') return null;
      tokens.push({ kind: 'operator', text: char === '&' ? '&&' : twice ? '||' : '|' });
      if (twice) i++;
    } else if (char === ';') {
      end();
      if (script.charAt(i + 1) === ';') return null;
      tokens.push({ kind: 'operator', text: ';' });
    } else if (char === '#' && word === null) return null;
    else if (SPECIAL.test(char)) return null;
    else {
      // `=ls` and `%1` have a meaning in some shells at the beginning of a word.
      if (!/[!-~]/.test(char)) clean = false;
      if (GLOB.test(char) || (word === null && /[=%]/.test(char))) literal = false;
      word = (word ?? '') + char;
    }
  }
  end();
  return tokens.length === 0 || script.includes('\0') ? null : tokens;
}

/** Outside of quotes. Control characters are not blanks here, but some shell or locale may treat them as such. */

const SPECIAL = /[$`\\<>(){}\x00-\x1f\x7f]/;

/** Globs and tildes are left to the shell: they change the files, not the action. */
const GLOB = /[*?[\]~^]/;

/**
 * Whether a text looks as it is: no control or format characters, no blanks except space, tab and line feed, no
 * unpaired surrogates.
 */
export const isVisible = (text: string): boolean => /^(?:[ \t\n]|[^\p{C}\p{Z}])*$/u.test(text);
