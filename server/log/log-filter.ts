/** The filter of the log: `info`, or a comma list of levels and `target=level`, in the syntax of RUST_LOG. */

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';
/** `off`: nothing. */
export type LogLimit = LogLevel | 'off';

export const SEVERITY: Readonly<Record<LogLimit, number>> = { off: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 5 };

/** The most verbose level that a target may write. */
export type LogFilter = (target: string) => LogLimit;

/** The default is `error`. Invalid directives are ignored; `onInvalid` is called for each. */
export function parseLogFilter(text: string, onInvalid: (directive: string) => void): LogFilter {
  let fallback: LogLimit = 'error';
  const targets: [target: string, limit: LogLimit][] = [];
  for (const { directive, target, limit } of directives(text)) {
    // A target without a level logs everything, as in the reference.
    if (limit === null && isTarget(directive)) targets.push([directive, 'trace']);
    else if (limit === null) onInvalid(directive);
    else if (target === null) fallback = limit;
    else targets.push([target, limit]);
  }
  targets.sort((a, b) => b[0].length - a[0].length); // the longest prefix decides
  return (name) => targets.find(([prefix]) => name.startsWith(prefix))?.[1] ?? fallback;
}

/** Why a filter of the command line is invalid; undefined: it is valid. A bare word must be a level, not a target. */
export function logFilterProblem(text: string): string | undefined {
  const all = [...directives(text)];
  const wrong = all.find(({ limit }) => limit === null);
  if (wrong === undefined && all.length > 0) return undefined;
  const what = wrong === undefined ? 'it names no level' : `\`${wrong.directive}\` is no level`;
  return `${what}; levels are off, error, warn, info, debug and trace, and TARGET=LEVEL sets one part's (codexd::exec=debug)`;
}

interface Directive {
  readonly directive: string;
  readonly target: string | null;
  /** Null: the directive has no valid level. */
  readonly limit: LogLimit | null;
}

function* directives(text: string): Generator<Directive> {
  for (const directive of text.split(',').map((part) => part.trim())) {
    if (!directive) continue;
    const { target = null, level } = /^(?:(?<target>[\w:.-]+)=)?(?<level>[a-z]+)$/i.exec(directive)?.groups ?? {};
    const limit = level?.toLowerCase();
    yield {
      directive,
      target,
      limit: limit !== undefined && isLimit(limit) ? limit : null,
    };
  }
}

const isLimit = (word: string): word is LogLimit => Object.hasOwn(SEVERITY, word);
const isTarget = (directive: string): boolean => /^[\w:.-]+$/.test(directive);
