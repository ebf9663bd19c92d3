/**
 * A shell script taken apart, as far as that is safe: words, quotes, `&&`, `||`, `;`, `|` and nothing else. Whatever could
 * do more than its words say (expansions, redirections, substitutions, subshells, assignments, comments, background
 * jobs) makes the script one that is not understood.
 */

/** Commands joined by `|`. */
export type Pipeline = readonly (readonly string[])[];

export interface PlainScript {
  readonly pipelines: readonly Pipeline[];
  /** What stands between one pipeline and the next; one shorter than `pipelines`. */
  readonly connectors: readonly ('&&' | '||' | ';')[];
}

/** Null: not understood. */
export function plainScript(script: string): PlainScript | null {
  const tokens = tokenize(script.trim());
  if (tokens === null) return null;
  const pipelines: string[][][] = [[[]]];
  const connectors: ('&&' | '||' | ';')[] = [];
  for (const token of tokens) {
    const pipeline = pipelines.at(-1)!;
    const command = pipeline.at(-1)!;
    if (token.kind === 'word') {
      command.push(token.text);
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
  return { pipelines, connectors };
}

/** Every command of the script by itself; null: not understood. */
export function plainCommands(script: string): readonly (readonly string[])[] | null {
  return plainScript(script)?.pipelines.flat() ?? null;
}

/**
 * Whatever in a script may be a command, found generously: for rules that forbid or ask. What is found here need not be
 * one, so that nothing may be allowed because of it. Shells within shells are looked into.
 */
export function possibleCommands(script: string, depth = 0): readonly (readonly string[])[] {
  if (depth > MAX_DEPTH) return [];
  const pieces = script
    .replaceAll('\\\n', '')
    .replace(REDIRECTION, ' ')
    .split(/[;&|\n(){}`]|\$\(|<\(|>\(/);
  const found = pieces.flatMap((piece) => commandsIn(wordsOf(piece)));
  const inner = found.flatMap((words) => {
    const within = shellScriptOf(words);
    return within === null ? [] : possibleCommands(within, depth + 1);
  });
  // A script in quotes is cut up by what stands in it: it is looked at as a whole, too.
  const quoted = [...script.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
  const nested = /\b(?:ba|z|da|k|a)?sh\b|\beval\b/.test(script)
    ? quoted.flatMap((text) => possibleCommands(text, depth + 1))
    : [];
  return [...found, ...inner, ...nested];
}

/** Where it may stand before the command, too: `>out git push`, `2>&1 git push`. Process substitutions are none. */
const REDIRECTION = /(?:\d+|&)?(?:>>|>\||>&|<&|<>|>(?!\()|<(?![<(]))\s*(?:'[^']*'|"[^"]*"|[^\s;&|<>()'"`]+)/g;

/** A command behind assignments and words like `if`; behind a program that runs others, whatever may be its command. */
function commandsIn(words: readonly string[]): readonly (readonly string[])[] {
  const at = words.findIndex((word) => !ASSIGNMENT.test(word) && !RESERVED.has(word));
  const [program, ...rest] = at < 0 ? [] : words.slice(at);
  if (program === undefined) return [];
  if (!PREFIXES.has(program)) return [[program, ...rest]];
  // Its own options may have values: the first word that is none of them is the command, or the one behind it.
  const found: (readonly string[])[] = [[program, ...rest]];
  let option = false;
  for (const [n, word] of rest.entries()) {
    const own = word.startsWith('-') || /^\d/.test(word) || ASSIGNMENT.test(word);
    if (!own) found.push(...commandsIn(rest.slice(n)));
    if (!own && !option) break;
    option = word.startsWith('-');
  }
  return found;
}

/** `A=1`, `A+=1`, `A[0]=1`. */
const ASSIGNMENT = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/;

/** Shells within shells within shells: nobody writes that to be read. */
const MAX_DEPTH = 4;
/** Programs that run the rest of their line. */
const PREFIXES = new Set(
  'sudo doas env nohup time exec command builtin nice ionice xargs timeout setsid stdbuf chroot busybox'.split(' '),
);

/** Words with their quotes taken off, redirections left out. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? [];
  return words
    .filter((word) => !/^\d*[<>]/.test(word))
    .map((word) => word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, char) => single ?? double ?? char));
}

/** `bash -lc SCRIPT` and its kin: the script; null for anything else. */
export function shellScriptOf(argv: readonly string[]): string | null {
  const [program = '', flag, script, ...more] = argv;
  if (more.length > 0 || script === undefined || (flag !== '-c' && flag !== '-lc')) return null;
  return SHELLS.has(program.slice(program.lastIndexOf('/') + 1)) ? script : null;
}

const SHELLS = new Set(['bash', 'sh', 'zsh', 'dash', 'ash', 'ksh']);
/** Words that begin something which is no simple command. */
const RESERVED = new Set(
  '! { } [[ case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
);

type Token = { kind: 'word'; text: string } | { kind: 'operator'; text: '&&' | '||' | ';' | '|' };

function tokenize(script: string): Token[] | null {
  const tokens: Token[] = [];
  let word: string | null = null;
  const end = (): void => {
    if (word !== null) tokens.push({ kind: 'word', text: word });
    word = null;
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
    else word = (word ?? '') + char;
  }
  end();
  return tokens.length === 0 ? null : tokens;
}

/** Globs and tildes are left to the shell: they change which files, not what is done. */
const SPECIAL = /[$`\\<>(){}\r\0]/;
