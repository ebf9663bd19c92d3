/**
 * The actions of a script that can be recognised: reading, listing, searching (docs/protocol/turns.md §4
 * "commandActions").
 */
import path from 'node:path';
import type { CommandAction } from '../../../schema/protocol/threads/item.js';
import { joinWords } from './shell-words.js';
import { plainScript, type Pipeline } from './plain-script.js';

/**
 * One action per command. If a part of the script is something else, the result is one `unknown` for the whole script.
 * `cwd` is absolute.
 */
export function commandActions(script: string, cwd: string): CommandAction[] {
  const unknown: CommandAction[] = [{ type: 'unknown', command: script }];
  const plain = plainScript(script);
  if (plain === null) return unknown;
  const actions: CommandAction[] = [];
  let folder = cwd;
  for (const [n, pipeline] of plain.pipelines.entries()) {
    const [first = []] = pipeline;
    const [program, target] = first;
    if (program === 'cd' && pipeline.length === 1 && first.length === 2 && target !== undefined) {
      folder = path.resolve(folder, target);
      continue;
    }
    if (isNoise(pipeline, n, plain.pipelines.length)) continue;
    const action = actionOf(pipeline, folder);
    if (action === null) return unknown;
    actions.push(action);
  }
  return actions.length === 0 ? unknown : actions;
}

/** A command that only decorates the output: `true`, and a heading that `echo` writes before other output. */
function isNoise([first = [], ...rest]: Pipeline, at: number, count: number): boolean {
  if (rest.length > 0) return false;
  if (first.length === 1 && first[0] === 'true') return count > 1;
  return first[0] === 'echo' && at < count - 1;
}

function actionOf(pipeline: Pipeline, folder: string): CommandAction | null {
  const [first = [], ...rest] = pipeline;
  const numbered = first[0] === 'nl' && rest.length === 1 && isLineRange(rest[0] ?? []);
  if (!numbered && !rest.every(isFilter)) return null;
  const command = numbered ? pipeline.map(joinWords).join(' | ') : joinWords(first);
  return readAction(first, command, folder) ?? listAction(first, command) ?? searchAction(first, command);
}

/** A program at the end of a pipeline that only shortens or sorts its input. */
function isFilter([program = '', ...args]: readonly string[]): boolean {
  if (isLineRange([program, ...args])) return true;
  return FILTERS.has(program) && operands(args, VALUE_FLAGS[program] ?? '').length === 0;
}

const FILTERS = new Set(['head', 'tail', 'wc', 'sort', 'uniq', 'cut', 'tr', 'column', 'nl', 'cat', 'less', 'more']);
const isLineRange = ([program, flag, range, ...more]: readonly string[]): boolean =>
  program === 'sed' && flag === '-n' && more.length === 0 && /^\d+(,\d+)?p$/.test(range ?? '');

function readAction([program = '', ...args]: readonly string[], command: string, folder: string): CommandAction | null {
  let files: readonly string[] = [];
  if (READERS.has(program)) files = operands(args, VALUE_FLAGS[program] ?? '');
  else if (program === 'sed' && isLineRange([program, ...args.slice(0, 2)])) files = args.slice(2);
  else if (program === 'awk') files = operands(args, 'Fvf').slice(1);
  const [file, ...more] = files;
  if (file === undefined || more.length > 0) return null;
  return { type: 'read', command, name: path.basename(file), path: path.resolve(folder, file) };
}

const READERS = new Set(['cat', 'bat', 'batcat', 'less', 'more', 'nl', 'head', 'tail']);
/** Single-letter flags whose value is the next word. */
const VALUE_FLAGS: Readonly<Record<string, string>> = {
  head: 'nc',
  tail: 'nc',
  sort: 'kt',
  cut: 'dfc',
  nl: '',
  rg: 'egtTABCmjf',
  grep: 'efABCm',
  fd: 'etEdx',
  tree: 'LPI',
  du: 'd',
};

function listAction([program = '', ...args]: readonly string[], command: string): CommandAction | null {
  const listed = (paths: readonly string[]): CommandAction => ({ type: 'listFiles', command, path: short(paths[0]) });
  switch (program) {
    case 'ls':
    case 'eza':
    case 'exa':
    case 'tree':
    case 'du':
      return listed(operands(args, VALUE_FLAGS[program] ?? ''));
    case 'rg':
      return args.includes('--files') ? listed(operands(args, VALUE_FLAGS.rg ?? '')) : null;
    case 'git':
      return args[0] === 'ls-files' ? listed(operands(args.slice(1), '')) : null;
    case 'find':
      return args.some((word) => FIND_TESTS.test(word) || FIND_ACTS.test(word)) ? null : listed(beforeFlags(args));
    default:
      return null;
  }
}

function searchAction([program = '', ...args]: readonly string[], command: string): CommandAction | null {
  const found = (query: string | undefined, file: string | undefined): CommandAction | null =>
    query === undefined ? null : { type: 'search', command, query, path: short(file) };
  if (program === 'find') {
    const test = args.findIndex((word) => FIND_TESTS.test(word));
    if (test < 0 || args.some((word) => FIND_ACTS.test(word))) return null;
    return found(args[test + 1], beforeFlags(args)[0]);
  }
  const words = program === 'git' && args[0] === 'grep' ? args.slice(1) : SEARCHERS.has(program) ? args : null;
  if (words === null) return null;
  const pattern = words.findIndex((word) => word === '-e' || word === '--regexp');
  const rest = operands(words, VALUE_FLAGS[program === 'git' ? 'grep' : program] ?? '');
  return pattern >= 0 ? found(words[pattern + 1], rest[0]) : found(rest[0], rest[1]);
}

const SEARCHERS = new Set(['rg', 'grep', 'egrep', 'fgrep', 'fd', 'fdfind', 'ag', 'ack']);
const FIND_TESTS = /^-i?(?:name|path|regex|wholename)$/;
const FIND_ACTS = /^-(?:exec|execdir|ok|okdir|delete|fprint|fprintf|fls)$/;

function beforeFlags(args: readonly string[]): readonly string[] {
  const flag = args.findIndex((word) => word.startsWith('-'));
  return flag < 0 ? args : args.slice(0, flag);
}

/** The words that are neither flags nor values of flags. */
function operands(args: readonly string[], valueFlags: string): readonly string[] {
  const found: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') return [...found, ...args.slice(i + 1)];
    if (!word.startsWith('-') || word === '-') found.push(word);
    else if (/^-\w$/.test(word) && valueFlags.includes(word.charAt(1))) i++;
  }
  return found;
}

/** The last part of a path, as lists show it. */
function short(file: string | undefined): string | null {
  if (file === undefined) return null;
  const trimmed = file.replace(/\/+$/, '');
  return trimmed === '' || trimmed === '.' ? file : path.basename(trimmed);
}
