/**
 * The rules files of a Codex home, `$CODEX_HOME/rules/*.rules`. They are read again when one of them changes.
 *
 * Threat: outdated rules decide, or a file that cannot be read counts as empty.
 * Rule: a rule that this daemon writes counts at once. A rule that another program writes counts for the next command,
 * and within RECHECK_MS for network requests. A file or folder that exists but cannot be read may deny everything
 * (rule-set.ts, `closed`). While a file is being saved, its earlier rules count (system/files/settled-file.ts). A
 * denial that cannot be written counts until the daemon ends.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { osCode } from '../../errors/os-code.js';
import { createSettledFiles } from '../../system/files/settled-file.js';
import { lossText } from '../layers/config-file.js';
import { appendRule, networkRuleLine, prefixRuleLine } from './append-rule.js';
import { interpretRules, unreadableFile, type FileRules } from './interpret.js';
import type { FileReading } from '../../system/files/settled-file.js';
import { NO_RULES, type NetworkRule, type NetworkRules, type RuleProtocol, type RuleSet } from './rule-set.js';

export interface RuleBook {
  /** The current rules; the same object as long as nothing changes. Never throws. */
  current(): RuleSet;
  /** The same for network requests, without what requirements say of commands. Never throws. */
  forNetwork(): NetworkRules;
  /** As `current`, after a look at the files in this moment: for a command, which is judged once. Never throws. */
  latest(): RuleSet;
  /** Appends to default.rules; counts at once. Throws if the file cannot be written; a denial counts nevertheless. */
  appendNetworkRule(host: string, protocol: RuleProtocol, decision: 'allow' | 'deny'): Promise<void>;
  /** Allows commands that begin with these words. Throws if the file cannot be written. */
  appendPrefixRule(argv: readonly string[]): Promise<void>;
}

/**
 * How long the files are assumed to be unchanged, ms: a busy proxy calls `forNetwork` tens of thousands of times a
 * second.
 */
const RECHECK_MS = 100;
/** The largest size of a rules file, in bytes. */
const MAX_FILE = 4 * 1024 * 1024;

export interface RuleBookOptions {
  readonly codexHome: string;
  /** `--ignore-rules`: the user's files are ignored. */
  readonly ignored?: boolean;
  /** Receives warnings for people: a file lost its rules. */
  readonly onWarning?: (text: string) => void;
}

export function createRuleBook({ codexHome, ignored = false, onWarning }: RuleBookOptions): RuleBook {
  const folder = path.join(codexHome, 'rules');
  const defaults = path.join(folder, 'default.rules');
  const settled = createSettledFiles({ encoding: 'replace', onLost: (lost) => onWarning?.(lossText(lost)) });
  const files = new Map<string, ReadFile>();
  const unwritten: NetworkRule[] = [];
  let set = NO_RULES;
  let checkedAt = -Infinity;

  const refresh = (): RuleSet => {
    const parts: { readonly key: string; readonly rules: FileRules }[] = [];
    const listed = ignored ? { files: [] } : listRules(folder);
    if ('problem' in listed) parts.push({ key: listed.problem, rules: unreadableFile(folder, listed.problem) });
    else {
      // A missing file keeps its rules until its reader accepts that it is missing (settled-file.ts).
      for (const file of new Set([...listed.files, ...files.keys()])) {
        const known = readRules(file, settled.read(file, MAX_FILE), files.get(file));
        if (known === null) files.delete(file);
        else {
          files.set(file, known);
          parts.push(known);
        }
      }
      parts.sort((a, b) => (a.key < b.key ? -1 : 1));
    }
    const revision = revisionOf([...parts.map(({ key }) => key), ...unwritten.map(({ pattern }) => pattern)]);
    if (revision !== set.revision)
      set = combine(
        parts.map(({ rules }) => rules),
        unwritten,
        revision,
      );
    checkedAt = performance.now();
    return set;
  };

  const current = (): RuleSet => (performance.now() - checkedAt < RECHECK_MS ? set : refresh());
  return {
    current,
    forNetwork: current,
    latest: refresh,
    async appendNetworkRule(host, protocol, decision) {
      try {
        await appendRule(defaults, networkRuleLine(host, protocol, decision), codexHome);
      } catch (error) {
        if (decision === 'deny') {
          unwritten.push({
            path: defaults,
            line: 0,
            pattern: bracketed(host),
            protocol: null,
            decision,
            justification: null,
          });
        }
        throw error;
      } finally {
        refresh();
      }
    },
    async appendPrefixRule(argv) {
      if (argv.length === 0) throw new CodexdError('rules.unwritable', 'a rule for every command cannot be meant');
      await appendRule(defaults, exactLine(argv), codexHome);
      refresh();
    },
  };
}

/** Throws if the line would be parsed as other words than those that the user approved. */
function exactLine(argv: readonly string[]): string {
  const line = prefixRuleLine(argv);
  const { prefixRules, problems } = interpretRules(line, '');
  const read = prefixRules.map(({ pattern }) => pattern);
  if (problems.length > 0 || JSON.stringify(read) !== JSON.stringify([argv.map((word) => [word])]))
    throw new CodexdError('rules.unwritable', 'its words cannot be written into a rules file as they are');
  if (argv.some((word) => /[\uD800-\uDFFF]/u.test(word)))
    throw new CodexdError('rules.unwritable', 'its words are no text');
  return line;
}

/** Sorted by name. */
function listRules(folder: string): { readonly files: readonly string[] } | { readonly problem: string } {
  try {
    const names = fs.readdirSync(folder).filter((name) => name.endsWith('.rules') && !name.startsWith('.'));
    return { files: names.sort().map((name) => path.join(folder, name)) };
  } catch (error) {
    if (osCode(error) === 'ENOENT') return { files: [] };
    return { problem: `the folder cannot be read: ${messageOf(error)}` };
  }
}

interface ReadFile {
  readonly reading: FileReading;
  readonly rules: FileRules;
  /** Identifies the file and its content. */
  readonly key: string;
}

/** Null: there is no such file. */
function readRules(file: string, reading: FileReading, last: ReadFile | undefined): ReadFile | null {
  // A link without a target still exists: its rules are unknown.
  const gone = reading.kind === 'missing' && fs.lstatSync(file, { throwIfNoEntry: false }) === undefined;
  if (gone) return null;
  if (last?.reading === reading) return last;
  if (reading.kind === 'text') {
    return { reading, rules: interpretRules(reading.text, file), key: `${file} ${revisionOf([reading.text])}` };
  }
  const reason = reading.kind === 'missing' ? 'it leads nowhere' : reading.message;
  return { reading, rules: unreadableFile(file, `the file cannot be read: ${reason}`), key: `${file} ${reason}` };
}

const revisionOf = (keys: readonly string[]): string =>
  keys.length === 0 ? '' : createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 16);

function combine(parts: readonly FileRules[], unwritten: readonly NetworkRule[], revision: string): RuleSet {
  const executables = new Map<string, Set<string>>();
  for (const part of parts) {
    for (const [name, paths] of part.executables)
      executables.set(name, new Set([...(executables.get(name) ?? []), ...paths]));
  }
  const first = (pick: (part: FileRules) => RuleSet['networkClosed']): RuleSet['networkClosed'] =>
    parts.map(pick).find((problem) => problem !== null) ?? null;
  return {
    prefixRules: parts.flatMap(({ prefixRules }) => prefixRules),
    networkRules: [...parts.flatMap(({ networkRules }) => networkRules), ...unwritten],
    executables,
    problems: parts.flatMap(({ problems }) => problems),
    commandsClosed: first(({ commandsClosed }) => commandsClosed),
    networkClosed: first(({ networkClosed }) => networkClosed),
    revision,
  };
}

/** An IPv6 address in the form of a domain pattern. */
const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
