/** The files that lead a command's names to the name server of its lane: resolv.conf(5) and hosts(5). */
import os from 'node:os';
import type { SandboxPlan } from '../policy/policy.js';
import type { JudgedNames } from '../policy/sandbox.js';
import { hostsWithJudgedNames } from './hosts-file.js';
import { replaced, type Replaced } from './replaced-files.js';
import type { RuntimeFolder } from './runtime-folder.js';

const SYSTEM_FILES = { resolver: '/etc/resolv.conf', hosts: '/etc/hosts' };

/** Without a resolv.conf, programs ask 127.0.0.1, and the lane answers that, too. */
export type NameFiles = (
  names: JudgedNames,
  plan: Pick<SandboxPlan, 'sees'>,
  folder: Pick<RuntimeFolder, 'sharedFile'>,
) => readonly Replaced[];

/** `system`: for tests. */
export function createNameFiles(system = SYSTEM_FILES): NameFiles {
  /** The last result: the file rarely changes, and it can be long. */
  let last: { readonly text: string; readonly allowed: string; readonly seen: string } | null = null;
  const hosts = (text: string, addresses: readonly string[]): string | null => {
    const allowed = addresses.join(' ');
    if (last?.text !== text || last.allowed !== allowed)
      last = { text, allowed, seen: hostsWithJudgedNames(text, addresses, os.hostname()) };
    return last.seen === text ? null : last.seen;
  };
  return ({ server, addresses }, plan, folder) =>
    [
      replaced(system.resolver, () => `nameserver ${server}\n`, plan, folder),
      replaced(system.hosts, (content) => hosts(content.toString('utf8'), addresses), plan, folder),
    ].filter((file) => file !== null);
}
