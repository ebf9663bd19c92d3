/**
 * The rules files of a Codex home, `$CODEX_HOME/rules/*.rules`, read again when one of them changes.
 *
 * Threat: an old set of rules goes on deciding; a file that cannot be read counts as one that says nothing.
 * Rule: what this daemon writes counts from the moment it is written, what others write within RECHECK_MS; a file or folder
 * that is there and cannot be read may deny anything (rule.ts, `closed`). A denial that cannot be written counts until
 * the daemon ends.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { appendRule, networkRuleLine, prefixRuleLine } from './append.js';
import { interpretRules, unreadableFile, type FileRules } from './interpret.js';
import { NO_RULES, type NetworkRule, type RuleProtocol, type RuleSet } from './rule.js';

export interface RuleBook {
  /** The rules of this moment; the same object as long as nothing changed. Never throws. */
  current(): RuleSet;
  /** Appends to default.rules; counts at once. Throws when it cannot be written; a denial counts all the same. */
  appendNetworkRule(host: string, protocol: RuleProtocol, decision: 'allow' | 'deny'): Promise<void>;
  /** Allows commands that begin so. Throws when it cannot be written. */
  appendPrefixRule(argv: readonly string[]): Promise<void>;
}

/** How long files are trusted to be as they were, ms: a busy proxy asks tens of thousands of times a second. */
const RECHECK_MS = 100;
/** No person writes more rules than this, in bytes. */
const MAX_FILE = 4 * 1024 * 1024;

export function createRuleBook({ codexHome }: { readonly codexHome: string }): RuleBook {
  const folder = path.join(codexHome, 'rules');
  const defaults = path.join(folder, 'default.rules');
  const files = new Map<string, { readonly stamp: string; readonly rules: FileRules }>();
  const unwritten: NetworkRule[] = [];
  let set = NO_RULES;
  let checkedAt = -Infinity;

  const refresh = (): RuleSet => {
    const parts: { readonly key: string; readonly rules: FileRules }[] = [];
    const listed = listRules(folder);
    if ('problem' in listed) parts.push({ key: listed.problem, rules: unreadableFile(folder, listed.problem) });
    else {
      for (const file of files.keys()) if (!listed.files.includes(file)) files.delete(file);
      for (const file of listed.files) {
        const stamp = stampOf(file);
        const known = files.get(file);
        const rules = known?.stamp === stamp ? known.rules : readRules(file);
        files.set(file, { stamp, rules });
        parts.push({ key: `${file} ${stamp}`, rules });
      }
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

  return {
    current: () => (performance.now() - checkedAt < RECHECK_MS ? set : refresh()),
    async appendNetworkRule(host, protocol, decision) {
      try {
        await appendRule(defaults, networkRuleLine(host, protocol, decision));
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
      if (argv.length === 0) throw new Error('a rule for every command cannot be meant');
      await appendRule(defaults, exactLine(argv));
      refresh();
    },
  };
}

/** Throws when the line would not be read again as the words that somebody agreed to. */
function exactLine(argv: readonly string[]): string {
  const line = prefixRuleLine(argv);
  const { prefixRules, problems } = interpretRules(line, '');
  const read = prefixRules.map(({ pattern }) => pattern);
  if (problems.length > 0 || JSON.stringify(read) !== JSON.stringify([argv.map((word) => [word])]))
    throw new Error('its words cannot be written into a rules file as they are');
  if (argv.some((word) => /[\uD800-\uDFFF]/u.test(word))) throw new Error('its words are no text');
  return line;
}

/** In the order of their names. */
function listRules(folder: string): { readonly files: readonly string[] } | { readonly problem: string } {
  try {
    const names = fs.readdirSync(folder).filter((name) => name.endsWith('.rules') && !name.startsWith('.'));
    return { files: names.sort().map((name) => path.join(folder, name)) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { files: [] } : { problem: `the folder cannot be read: ${message}` };
  }
}

function stampOf(file: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = fs.statSync(file, { bigint: true });
    return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function readRules(file: string): FileRules {
  try {
    const { size } = regular(fs.statSync(file));
    if (size > MAX_FILE) throw new Error(`it has more than ${MAX_FILE} bytes`);
    return interpretRules(fs.readFileSync(file, 'utf8'), file);
  } catch (error) {
    // Deleted between the listing and now. A link that leads nowhere is still there.
    if (fs.lstatSync(file, { throwIfNoEntry: false }) === undefined) return interpretRules('', file);
    return unreadableFile(file, `the file cannot be read: ${(error as Error).message}`);
  }
}

/** A pipe would be waited for. */
function regular(stat: fs.Stats): fs.Stats {
  if (stat.isFile()) return stat;
  throw new Error('it is no regular file');
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

/** How a domain pattern writes an IPv6 address. */
const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
