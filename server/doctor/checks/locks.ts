/** Finds locks and sockets of programs that have ended. The next program that needs one takes it over or removes it. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { listSockets } from '../../system/files/scratch.js';
import { processExists } from '../../system/linux/process-table.js';
import { ok, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

export const locksCheck: Check = {
  id: 'locks',
  title: 'Locks and sockets',
  limitMs: 10_000,
  needsHome: true,
  async run({ home }) {
    return [...(home.path === null ? [] : await locks(home.path)), sockets()];
  },
};

/** The folders where `lockFile` of server/config/write creates locks. */
const PLACES = ['', 'tmp', 'tmp/codexd-sandbox'];

async function locks(home: string): Promise<readonly Finding[]> {
  const held: string[] = [];
  const left: string[] = [];
  for (const place of PLACES) {
    for (const name of await namesIn(path.join(home, place))) {
      if (!/^\..*\.lock$/.test(name)) continue;
      const file = path.join(home, place, name);
      const [pid = '', , host] = (await fs.readFile(file, 'utf8').catch(() => '')).split(' ');
      if (!/^\d+$/.test(pid)) continue; // Not a lock of this kind.
      if (host === os.hostname() && !processExists(Number(pid))) left.push(file);
      else held.push(`${file}: process ${pid} on ${host ?? 'this machine'}`);
    }
  }
  if (left.length > 0) {
    return [
      warn(
        'locks.left',
        'a program that is gone left its lock on a file',
        `rm ${left.join(' ')} (the next program that writes takes it over, too)`,
        left.join('\n'),
      ),
    ];
  }
  return [
    ok(
      'locks.left',
      held.length === 0 ? 'nobody holds a lock' : 'locks are held by programs that live',
      held.join('\n'),
    ),
  ];
}

function sockets(): Finding {
  const left = listSockets().filter(({ pid }) => !processExists(pid));
  if (left.length === 0) return ok('locks.sockets', 'no socket of a daemon that is gone');
  const count = left.length === 1 ? 'a socket' : `${left.length} sockets`;
  return ok(
    'locks.sockets',
    `${count} of daemons that were killed; the next daemon on a unix socket removes them`,
    left.map(({ file }) => file).join('\n'),
  );
}

const namesIn = (folder: string): Promise<readonly string[]> => fs.readdir(folder).catch(() => []);
