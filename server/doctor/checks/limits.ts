/** Checks this user's resource limits, and whether the machine's clock is plausible. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../package/package-root.js';
import { descriptorLimit, freeDescriptors } from '../../system/programs/descriptors.js';
import { ok, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

export const limitsCheck: Check = {
  id: 'limits',
  title: 'Limits and clock',
  limitMs: 5000,
  run: () => [openFiles(), ...processes(), memory(), clock()],
};

/** A command needs about 12, a network lane 10 to 140, a loaded thread 3. */
const FEW_FILES = 1024;

function openFiles(): Finding {
  const limit = descriptorLimit();
  if (limit >= FEW_FILES) return ok('limits.open-files', `${limit === Infinity ? 'any number of' : limit} open files`);
  return warn(
    'limits.open-files',
    `only ${limit} open files: few commands can run at once`,
    'raise the limit: `ulimit -n 65536` in the shell, LimitNOFILE=65536 in the systemd unit, --ulimit nofile=65536 for Docker',
    `${freeDescriptors()} of them are free`,
  );
}

const FEW_PROCESSES = 256;

function processes(): readonly Finding[] {
  const [, limit] = /^Max processes +(\S+)/m.exec(read('/proc/self/limits')) ?? [];
  if (limit === undefined) return [];
  if (limit === 'unlimited' || Number(limit) >= FEW_PROCESSES) return [ok('limits.processes', `${limit} processes`)];
  const fix = 'raise the limit: `ulimit -u`, TasksMax= in the systemd unit, --pids-limit for Docker';
  return [warn('limits.processes', `only ${limit} processes for this user`, fix)];
}

const LITTLE_MEMORY = 256 * 1024 * 1024;

function memory(): Finding {
  const free = os.freemem();
  const available = Number(/^MemAvailable:\s+(\d+)/m.exec(read('/proc/meminfo'))?.[1] ?? NaN) * 1024 || free;
  const what = `${Math.floor(available / (1024 * 1024))} MiB of memory can be had`;
  if (available >= LITTLE_MEMORY) return ok('limits.memory', what);
  return warn('limits.memory', `only ${what}`, 'end other programs, or give the machine or container more memory');
}

/** The clock decides whether certificates and bearer tokens are valid. */
function clock(): Finding {
  const now = new Date();
  // npm can set any modification time, but the change time is the time of installation.
  const installed = fs.statSync(path.join(packageRoot(), 'package.json')).ctime;
  if (now.getTime() >= installed.getTime() - A_DAY) return ok('limits.clock', `the clock says ${now.toISOString()}`);
  return warn(
    'limits.clock',
    `the clock says ${now.toISOString()}, before codexd was installed (${installed.toISOString()})`,
    'set the clock (timedatectl set-ntp true): certificates and tokens are judged by it',
  );
}
const A_DAY = 24 * 60 * 60 * 1000;

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
