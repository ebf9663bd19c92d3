/**
 * Makes rules from statements. Each statement is checked alone, so a mistake in one has no effect on the others.
 *
 * Threat: because of a mistake in a rule, codexd allows what its author meant to deny.
 * Rule: an allowing rule with a mistake is ignored. A denying rule with a mistake is enforced as far as it is clear. If
 * it is not clear what it denies, everything that it may deny is denied (rule-set.ts, `closed`). An unknown decision
 * counts as a denial.
 */
import { paths } from '../../system/files/paths.js';
import { ruleHost } from './network-host.js';
import { isProgramPath, programKey } from './program-name.js';
import { shellWords } from './split-shell-words.js';
import { isList, readStatements, type Statement, type Value } from './statements.js';
import type {
  CommandDecision,
  Consequence,
  NetworkRule,
  PrefixRule,
  RuleProblem,
  RuleProtocol,
  RuleSet,
} from './rule-set.js';

export type FileRules = Omit<RuleSet, 'revision'>;

/** Never throws. */
export function interpretRules(text: string, path: string): FileRules {
  const found = new Found(path);
  for (const statement of readStatements(text)) {
    if (statement.kind === 'broken') found.broken(statement);
    else if (statement.name === 'prefix_rule') found.prefixRule(statement);
    else if (statement.name === 'network_rule') found.networkRule(statement);
    else if (statement.name === 'host_executable') found.hostExecutable(statement);
    else found.broken(noRule(statement));
  }
  return found;
}

/** A file that cannot be read: it may deny everything. */
export function unreadableFile(path: string, reason: string): FileRules {
  const found = new Found(path);
  found.commandsClosed = found.networkClosed = found.problem(1, reason, 'closed');
  return found;
}

type Call = Extract<Statement, { kind: 'call' }>;
type Broken = Extract<Statement, { kind: 'broken' }>;

const PREFIX_PARAMETERS = ['pattern', 'decision', 'match', 'not_match', 'justification'];
const NETWORK_PARAMETERS = ['host', 'protocol', 'decision', 'justification'];
const EXECUTABLE_PARAMETERS = ['name', 'paths'];

/** All spellings that the reference accepts. */
const PROTOCOLS: Readonly<Record<string, RuleProtocol>> = {
  http: 'http',
  https: 'https',
  https_connect: 'https',
  'http-connect': 'https',
  socks5_tcp: 'socks5Tcp',
  socks5_udp: 'socks5Udp',
};
const NETWORK_DECISIONS: Readonly<Record<string, NetworkRule['decision']>> = {
  allow: 'allow',
  prompt: 'prompt',
  deny: 'deny',
  forbidden: 'deny',
};
const COMMAND_DECISIONS: Readonly<Record<string, CommandDecision>> = {
  allow: 'allow',
  prompt: 'prompt',
  forbidden: 'forbidden',
};

class Found implements FileRules {
  readonly #path: string;
  readonly prefixRules: PrefixRule[] = [];
  readonly networkRules: NetworkRule[] = [];
  readonly executables = new Map<string, Set<string>>();
  readonly problems: RuleProblem[] = [];
  commandsClosed: RuleProblem | null = null;
  networkClosed: RuleProblem | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  problem(line: number, reason: string, consequence: Consequence): RuleProblem {
    const problem = { path: this.#path, line, reason, consequence };
    this.problems.push(problem);
    return problem;
  }

  prefixRule(call: Call): void {
    const { line } = call;
    const complaints: string[] = [];
    const given = bind(call, PREFIX_PARAMETERS, complaints);
    const decision = decisionOf(given.get('decision'), COMMAND_DECISIONS, 'allow', 'forbidden', complaints);
    const pattern = patternOf(given.get('pattern'), complaints);
    const justification = justificationOf(given.get('justification'), complaints);
    if (pattern !== null) examples(given, pattern, complaints);
    const rule = { path: this.#path, line, pattern: pattern ?? [], decision, justification };
    const denies = decision === 'forbidden';
    if (complaints.length === 0) this.prefixRules.push(rule);
    else if (!denies) this.problem(line, complaints.join('; '), 'skipped');
    else if (pattern !== null) {
      this.prefixRules.push(rule);
      this.problem(line, complaints.join('; '), 'enforced');
    } else this.commandsClosed ??= this.problem(line, complaints.join('; '), 'closed');
  }

  networkRule(call: Call): void {
    const { line } = call;
    const complaints: string[] = [];
    const given = bind(call, NETWORK_PARAMETERS, complaints);
    const decision = decisionOf(given.get('decision'), NETWORK_DECISIONS, null, 'deny', complaints);
    const protocol = protocolOf(given.get('protocol'), complaints);
    const justification = justificationOf(given.get('justification'), complaints);
    const written = given.get('host');
    const host =
      typeof written === 'string' ? ruleHost(written) : { pattern: null, reason: 'network_rule needs a host' };
    if (host.reason !== null) complaints.push(host.reason);
    const { pattern } = host;
    const denies = decision === 'deny';
    const rule = { path: this.#path, line, pattern: pattern ?? '', protocol, decision, justification };
    if (complaints.length === 0) this.networkRules.push({ ...rule, protocol: denies ? null : protocol });
    else if (!denies) this.problem(line, complaints.join('; '), 'skipped');
    else if (pattern !== null) {
      this.networkRules.push({ ...rule, protocol: null });
      this.problem(line, complaints.join('; '), 'enforced');
    } else this.networkClosed ??= this.problem(line, complaints.join('; '), 'closed');
  }

  hostExecutable(call: Call): void {
    const complaints: string[] = [];
    const given = bind(call, EXECUTABLE_PARAMETERS, complaints);
    const name = given.get('name');
    const listed = given.get('paths');
    const list = isList(listed) ? listed : null;
    if (typeof name !== 'string' || name === '' || isProgramPath(name)) complaints.push('name is no program name');
    if (list === null || !list.every(isAbsolute)) complaints.push('paths is no list of absolute paths');
    if (complaints.length > 0 || typeof name !== 'string' || list === null) {
      this.problem(call.line, complaints.join('; '), 'skipped');
      return;
    }
    const key = programKey(name);
    const known = this.executables.get(key) ?? new Set<string>();
    for (const path of list.filter(isAbsolute)) known.add(paths.key(path));
    this.executables.set(key, known);
  }

  /** Handles a statement that cannot be parsed, by the words in its text. */
  broken({ line, reason, text }: Broken): void {
    // Only whole lines of comments: elsewhere a `#` may be part of a string.
    const words = text.replace(/^[ \t]*#.*$/gm, '');
    const network = words.includes('network_rule');
    const command = words.includes('prefix_rule');
    if (!mayDeny(words, network)) return void this.problem(line, reason, 'skipped');
    const [, , host] = /\bhost\s*=\s*(["'])([^"'\n]+)\1/.exec(words) ?? [];
    const pattern = network && !command && host !== undefined ? ruleHost(host).pattern : null;
    if (pattern !== null) {
      const rule = { path: this.#path, line, pattern, protocol: null, decision: 'deny', justification: null } as const;
      this.networkRules.push(rule);
      this.problem(line, reason, 'enforced');
      return;
    }
    const problem = this.problem(line, reason, 'closed');
    if (network || !command) this.networkClosed ??= problem;
    if (command || !network) this.commandsClosed ??= problem;
  }
}

/**
 * False only if it clearly allows or prompts. A `prefix_rule` without a decision allows; a `network_rule` needs one.
 */
function mayDeny(words: string, network: boolean): boolean {
  if (/\b(?:deny|denied|forbid|forbidden)\b/i.test(words)) return true;
  const plain = /\bdecision\s*=\s*(["'])(?:allow|prompt)\1/.test(words);
  return !plain && (network || /\bdecision\b/.test(words));
}

function bind(call: Call, parameters: readonly string[], complaints: string[]): ReadonlyMap<string, Value> {
  const given = new Map<string, Value>();
  for (const [index, value] of call.positional.entries()) {
    const name = parameters[index];
    if (name === undefined) complaints.push('there are too many values');
    else given.set(name, value);
  }
  for (const [name, value] of call.named) {
    if (!parameters.includes(name)) complaints.push(`${call.name} knows no ${quote(name)}`);
    else if (given.has(name)) complaints.push(`${quote(name)} is given twice`);
    else given.set(name, value);
  }
  return given;
}

/** An unknown decision counts as the denial. */
function decisionOf<D extends string>(
  value: Value | undefined,
  words: Readonly<Record<string, D>>,
  absent: D | null,
  denial: D,
  complaints: string[],
): D {
  if (value === undefined && absent !== null) return absent;
  if (typeof value === 'string' && Object.hasOwn(words, value)) return words[value] ?? denial;
  if (value === undefined) complaints.push('decision is missing');
  else complaints.push(`invalid decision: ${typeof value === 'string' ? value : 'no text'}`);
  return denial;
}

function protocolOf(value: Value | undefined, complaints: string[]): RuleProtocol | null {
  const protocol = typeof value === 'string' && Object.hasOwn(PROTOCOLS, value) ? PROTOCOLS[value] : undefined;
  if (protocol !== undefined) return protocol;
  const got = value === undefined ? 'none' : typeof value === 'string' ? value : 'no text';
  complaints.push(`network_rule protocol must be one of http, https, socks5_tcp, socks5_udp (got ${got})`);
  return null;
}

function justificationOf(value: Value | undefined, complaints: string[]): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && value.trim() !== '') return value;
  complaints.push(typeof value === 'string' ? 'justification cannot be empty' : 'justification is no text');
  return null;
}

function patternOf(value: Value | undefined, complaints: string[]): (readonly string[])[] | null {
  const words: (readonly string[])[] = [];
  const refuse = (reason: string): null => {
    complaints.push(reason);
    return null;
  };
  if (!isList(value)) return refuse('pattern is no list');
  for (const word of value) {
    const alternatives = typeof word === 'string' ? [word] : word;
    if (!isTexts(alternatives)) return refuse('a word of the pattern is neither a text nor a list of texts');
    if (alternatives.length === 0) return refuse('pattern alternatives cannot be empty');
    words.push(alternatives);
  }
  return words.length === 0 ? refuse('pattern cannot be empty') : words;
}

/** Checks `match` and `not_match`: examples of commands that the rule must and must not match. */
function examples(given: ReadonlyMap<string, Value>, pattern: PrefixRule['pattern'], complaints: string[]): void {
  for (const [parameter, wanted] of [
    ['match', true],
    ['not_match', false],
  ] as const) {
    const value = given.get(parameter);
    if (value === undefined || value === null) continue;
    if (!isList(value)) {
      complaints.push(`${parameter} is no list`);
      continue;
    }
    for (const example of value) {
      const argv = typeof example === 'string' ? shellWords(example) : isTexts(example) ? example : null;
      if (argv === null || argv.length === 0) complaints.push(`an example of ${parameter} is no command`);
      else if (begins(argv, pattern) !== wanted) {
        complaints.push(`the rule ${wanted ? 'does not match' : 'matches'} its example ${quote(argv.join(' '))}`);
      }
    }
  }
}

/** Whether a command begins with the words of a pattern. */
export function begins(argv: readonly string[], pattern: PrefixRule['pattern']): boolean {
  return pattern.length <= argv.length && pattern.every((words, index) => words.includes(argv[index] ?? ''));
}

const isTexts = (value: Value): value is readonly string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string');
const isAbsolute = (value: Value): value is string => typeof value === 'string' && paths.isAbsolute(value);
const quote = (text: string): string => JSON.stringify(text);

const noRule = ({ line, name, positional, named }: Call): Broken => ({
  kind: 'broken',
  line,
  reason: `${quote(name)} is no rule`,
  text: `${name} ${JSON.stringify(positional)} ${JSON.stringify([...named])}`,
});
