/** The files that lead a command's names to the name server of its lane: resolv.conf(5) and hosts(5). */
import os from 'node:os';
import { createSettledFiles, type FileReading } from '../../system/files/settled-file.js';
import type { SandboxPlan } from '../policy/policy.js';
import type { JudgedNames } from '../policy/sandbox.js';
import { hostsWithJudgedNames } from './hosts-file.js';
import { seenPlace, type Replaced } from './replaced-files.js';
import type { RuntimeFolder } from './runtime-folder.js';

const SYSTEM_FILES = { resolver: '/etc/resolv.conf', hosts: '/etc/hosts' };
/** Lists of advertisers have a few MiB. A longer file stays as it is: its addresses are judged all the same. */
const MAX_HOSTS_BYTES = 16 * 1024 * 1024;

/** Without a resolv.conf, programs ask 127.0.0.1, and the lane answers that, too. */
export type NameFiles = (
  names: JudgedNames,
  plan: Pick<SandboxPlan, 'sees'>,
  folder: Pick<RuntimeFolder, 'sharedFile'>,
) => readonly Replaced[];

/** `system`: for tests. */
export function createNameFiles(system = SYSTEM_FILES): NameFiles {
  const files = createSettledFiles({ waits: false, encoding: 'replace' });
  /** The last result: the file rarely changes, and it can be long. */
  let last: { readonly reading: FileReading; readonly allowed: string; readonly seen: string | null } | null = null;
  const hostsText = (reading: FileReading, { addresses }: JudgedNames): string | null => {
    if (reading.kind !== 'text') return null;
    const allowed = addresses.join(' ');
    if (last?.reading !== reading || last.allowed !== allowed) {
      const seen = hostsWithJudgedNames(reading.text, addresses, os.hostname());
      last = { reading, allowed, seen: seen === reading.text ? null : seen };
    }
    return last.seen;
  };
  return (names, plan, folder) => {
    const resolver = seenPlace(system.resolver, plan);
    const hosts = seenPlace(system.hosts, plan);
    const text = hosts === null ? null : hostsText(files.read(hosts, MAX_HOSTS_BYTES), names);
    return [
      ...(resolver === null ? [] : [{ place: resolver, by: folder.sharedFile(`nameserver ${names.server}\n`) }]),
      ...(hosts === null || text === null ? [] : [{ place: hosts, by: folder.sharedFile(text) }]),
    ];
  };
}
