/**
 * Adds a rule to `$CODEX_HOME/rules/default.rules`, in the form of the reference (docs/protocol/network.md §4).
 */
import fs from 'node:fs';
import path from 'node:path';
import { changeFile } from '../../system/files/change-file.js';
import { lateText } from '../../system/files/replace-file.js';
import { makeFolderForUser } from '../../system/files/private-files.js';
import type { RuleProtocol } from './rule-set.js';

/** The names of a protocol: as an argument and in the justification. */
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

/**
 * Appends one line unless the file has it already: all of it or nothing, mode 0600. Daemons of one home take turns.
 * The lock and the temporary file are in `hidden`, because commands see the folder of the rules. Throws what the file
 * system throws, and `config.locked`.
 */
export async function appendRule(file: string, line: string, hidden: string): Promise<void> {
  makeFolderForUser(path.dirname(file));
  await changeFile({
    file,
    staging: hidden,
    lockName: `.${path.basename(file)}.lock`,
    render: (text) => (text.split(/\r?\n/).includes(line) ? text : withLine(text, line)),
    onReplaced: (base) => appendLateLines(file, base.text, lateText(base)),
  });
}

const withLine = (text: string, line: string): string =>
  `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;

/** A program that appends without the lock may have written into the replaced file: its lines follow ours. */
function appendLateLines(file: string, before: string, late: string | null): void {
  if (late === null || !late.startsWith(before)) return;
  fs.appendFileSync(file, late.slice(before.length));
}
