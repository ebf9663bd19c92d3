/**
 * A shell script taken apart, as far as that is safe: words, quotes, `&&`, `||`, `;`, `|` and nothing else.
 *
 * Threat: an allowing rule is matched against words that are not those which the shell makes of the same bytes.
 * Rule: only space, tab and line feed separate words, as for the shell; whatever could do more than its words say
 * (expansions, redirections, substitutions, subshells, assignments, comments, background jobs, control characters)
 * makes the script one that is not understood. Words that the shell may still change (globs, tildes) are understood and
 * not `literal`; those that some shell or locale may read otherwise, or a person cannot see as they are, are not
 * `clean`.
 * Scope: POSIX shells. Non-scope: what the words do, and what a shell's own start-up files make of them.
 */

/** Commands joined by `|`. */
export type Pipeline = readonly (readonly string[])[];

export interface PlainScript {
  readonly pipelines: readonly Pipeline[];
  /** What stands between one pipeline and the next; one shorter than `pipelines`. */
  readonly connectors: readonly Connector[];
  /** Whether every word shows as what it is; outside of quotes ASCII alone does. */
  readonly clean: boolean;
  /** Whether every word is given to its program exactly as it stands here. */
  readonly literal: boolean;
}

export type Connector = '&&' | '||' | ';';

/** Longer ones are not understood: nobody writes so many commands to be read one by one. */
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

/** Words that begin something which is no simple command. */
export const RESERVED: ReadonlySet<string> = new Set(
  '! { } [[ case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
);

type Token =
  | { readonly kind: 'word'; readonly text: string; readonly clean: boolean; readonly literal: boolean }
  | { readonly kind: 'operator'; readonly text: Connector | '|' };

/** POSIX shell §2.3, for the part of the language that is understood. */
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
      // Empty lines, and a line that goes on behind an operator.
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
      // `=ls` and `%1` mean something in some shells where a word begins.
      if (!/[!-~]/.test(char)) clean = false;
      if (GLOB.test(char) || (word === null && /[=%]/.test(char))) literal = false;
      word = (word ?? '') + char;
    }
  }
  end();
  return tokens.length === 0 || script.includes('\0') ? null : tokens;
}

/** Outside of quotes. Control characters are blanks for nobody but may be for some shell or locale. */

const SPECIAL = /[$`\\<>(){}\x00-\x1f\x7f]/;

/** Globs and tildes are left to the shell: they change which files, not what is done. */
const GLOB = /[*?[\]~^]/;

/**
 * Whether a text shows as it is: no control or format characters, no blank but space, tab and line feed, no half pairs.
 */
export const isVisible = (text: string): boolean => /^(?:[ \t\n]|[^\p{C}\p{Z}])*$/u.test(text);
