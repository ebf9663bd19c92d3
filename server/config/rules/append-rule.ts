/**
 * Adds a rule to `$CODEX_HOME/rules/default.rules`, in the lines that the reference writes
 * (docs/protocol/network.md §4).
 */
import fs from 'node:fs';
import path from 'node:path';
import { lockFile } from '../../system/files/file-lock.js';
import { closeBase, lateText, openBase, replaceFile, type FileBase } from '../../system/files/replace-file.js';
import type { RuleProtocol } from './rule-set.js';

/** How a protocol is written, as the argument and in the justification. */
const PROTOCOL_TEXTS: Readonly<Record<RuleProtocol, { readonly argument: string; readonly prose: string }>> = {
  http: { argument: 'http', prose: 'http' },
  https: { argument: 'https', prose: 'https_connect' },
  socks5Tcp: { argument: 'socks5_tcp', prose: 'socks5_tcp' },
  socks5Udp: { argument: 'socks5_udp', prose: 'socks5_udp' },
};

export function networkRuleLine(host: string, protocol: RuleProtocol, decision: 'allow' | 'deny'): string {
  const { argument, prose } = PROTOCOL_TEXTS[protocol];
  const justification = `${decision === 'allow' ? 'Allow' : 'Deny'} ${prose} access to ${host}`;
  const [quotedHost, quotedWhy] = [host, justification].map((text) => JSON.stringify(text));
  return `network_rule(host=${quotedHost}, protocol="${argument}", decision="${decision}", justification=${quotedWhy})`;
}

export function prefixRuleLine(argv: readonly string[]): string {
  return `prefix_rule(pattern=[${argv.map((word) => JSON.stringify(word)).join(', ')}], decision="allow")`;
}

/** How often a file that somebody else keeps changing is tried. */
const MAX_TRIES = 20;

/**
 * Appends one line unless it is there already; all of it or nothing, mode 0600. Daemons on one home take turns. The
 * lock and the new text while it is put together lie in `hidden`, since commands look into the folder of the rules.
 * Throws what the file system throws, and `config.locked`.
 */
export async function appendRule(file: string, line: string, hidden: string): Promise<void> {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const lock = await lockFile(path.join(hidden, `.${path.basename(file)}.lock`));
  try {
    for (let tries = 0; tries < MAX_TRIES; tries++)
      if (append(openBase(file, hidden), file, line, () => lock.held())) return;
  } finally {
    lock.release();
  }
  throw new Error(`${file} is being changed by somebody else all the time`);
}

/** False: somebody else changed it meanwhile. */
function append(base: FileBase, file: string, line: string, proceed: () => boolean): boolean {
  try {
    if (base.text.split(/\r?\n/).includes(line)) return true;
    if (!replaceFile(base, withLine(base.text, line), proceed)) return false;
    appendLateLines(file, base.text, lateText(base));
    return true;
  } finally {
    closeBase(base);
  }
}

const withLine = (text: string, line: string): string =>
  `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;

/** A program that appends without our lock has written into the replaced file: its lines are put behind ours. */
function appendLateLines(file: string, before: string, late: string | null): void {
  if (late === null || !late.startsWith(before)) return;
  fs.appendFileSync(file, late.slice(before.length));
}
