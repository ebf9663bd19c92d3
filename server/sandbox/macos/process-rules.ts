/**
 * The rules about processes and about the services of the system.
 *
 * Threat: programs outside of the sandbox do work for those inside: launchd starts jobs, Apple events steer programs,
 * the pasteboard and the keychain hold what people keep there, preferences are obeyed later. The environment of another
 * process, which may hold the user's keys, is read by sysctl.
 * Rule: only the services below can be looked up, and none can be registered. Signals and information reach processes
 * of this very sandbox. Of sysctl, facts about the machine can be read, not those about processes.
 * Scope: what is allowed whatever the profile says. Non-scope: network (network-rules.ts).
 */
import { quote } from './places.js';

/** Users and groups by name and number: without them, no program knows its own user. */
const USERS = ['com.apple.system.opendirectoryd.libinfo', 'com.apple.system.opendirectoryd.membership'];

const MACHINE_FACTS = ['hw.', 'machdep.cpu.', 'machdep.ptrauth_enabled', 'user.', 'vm.', 'kern.os', 'kern.tcsm_'];
const MACHINE_FACT_NAMES = [
  'kern.argmax',
  'kern.boottime',
  'kern.hostname',
  'kern.iossupportversion',
  'kern.maxfiles',
  'kern.maxfilesperproc',
  'kern.maxproc',
  'kern.maxprocperuid',
  'kern.ngroups',
  'kern.secure_kernel',
  'kern.ipc.somaxconn',
  'kern.usrstack64',
  'kern.version',
  'kern.willshutdown',
  'security.mac.lockdown_mode_state',
  'sysctl.proc_cputype',
];

/** `mark`: a name by which a process of this sandbox is recognised (system/darwin/sandbox-members.ts). */
export function processRules(mark: string | null): readonly string[] {
  const services = mark === null ? USERS : [...USERS, mark];
  return [
    '(allow process-fork)',
    '(allow signal (target same-sandbox))',
    '(allow process-info* (target same-sandbox))',
    `(allow sysctl-read ${MACHINE_FACTS.map((name) => `(sysctl-name-prefix ${quote(name)})`).join(' ')})`,
    `(allow sysctl-read ${MACHINE_FACT_NAMES.map((name) => `(sysctl-name ${quote(name)})`).join(' ')})`,
    `(allow mach-lookup ${services.map((name) => `(global-name ${quote(name)})`).join(' ')})`,
    '(allow ipc-posix-sem)',
  ];
}
