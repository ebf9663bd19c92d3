/**
 * One file of patterns in the form of gitignore(5): `.gitignore`, `.ignore`, `info/exclude`, the user's excludes.
 *
 * Rules without a wildcard, which are almost all, are looked up by name. The rest are regular expressions.
 */

import { readGlob } from './glob.js';

export interface IgnoreRules {
  /** What the last rule that fits says; null: no rule fits. `path`: below the folder of the file, with `/`. */
  judge(path: string, isFolder: boolean): 'ignored' | 'kept' | null;
}

interface Rule {
  readonly order: number;
  readonly keeps: boolean;
  readonly foldersOnly: boolean;
  /** Absent: the rule was found by its name. */
  readonly fits?: (path: string) => boolean;
}

/** Null: there is no rule in the text. */
export function readIgnoreRules(text: string): IgnoreRules | null {
  const names = new Map<string, Rule[]>();
  const others: { rule: Rule; onName: boolean }[] = [];
  let order = 0;
  for (const line of text.replace(/^\ufeff/, '').split('\n')) {
    const read = readLine(line.replace(/\r$/, ''), order);
    if (read === null) continue;
    order++;
    if ('name' in read) names.set(read.name, [...(names.get(read.name) ?? []), read.rule]);
    else others.push(read);
  }
  if (order === 0) return null;
  return {
    judge(path, isFolder) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      let last: Rule | null = null;
      const consider = (rule: Rule): void => {
        if (rule.foldersOnly && !isFolder) return;
        if (last === null || rule.order > last.order) last = rule;
      };
      names.get(name)?.forEach(consider);
      for (const { rule, onName } of others) if (rule.fits?.(onName ? name : path) === true) consider(rule);
      const found = last as Rule | null;
      if (found === null) return null;
      return found.keeps ? 'kept' : 'ignored';
    },
  };
}

type Line = { readonly name: string; readonly rule: Rule } | { readonly rule: Rule; readonly onName: boolean };

function readLine(given: string, order: number): Line | null {
  if (given.startsWith('#')) return null;
  let text = withoutTrailingSpace(given);
  const keeps = text.startsWith('!');
  if (keeps) text = text.slice(1);
  const foldersOnly = text.endsWith('/');
  if (foldersOnly) text = text.slice(0, -1);
  if (text === '' || text === '/') return null;
  // A slash before the end ties the pattern to the folder of its file.
  const isTied = text.includes('/');
  if (text.startsWith('/')) text = text.slice(1);
  if (!isTied && !/[*?[\\]/.test(text)) return { name: text, rule: { order, keeps, foldersOnly } };
  const fits = readGlob(text);
  if (fits === null) return null;
  return { rule: { order, keeps, foldersOnly, fits }, onName: !isTied };
}

/** A backslash keeps a space at the end. */
function withoutTrailingSpace(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ' && !isEscaped(line, end - 1)) end--;
  return line.slice(0, end);
}
function isEscaped(line: string, at: number): boolean {
  let slashes = 0;
  while (line[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}
