import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { probeSeatbelt, type ProbeTools } from '../../../server/sandbox/macos/probe.js';
import { runProgram, type ProgramResult } from '../../../server/system/programs/start-program.js';
import {
  namedProgram,
  SystemProgramError,
  type TrustedProgram,
} from '../../../server/system/programs/system-program.js';

/** A folder of the daemon, and what a Mac's sandbox-exec would do. */
function mac(t: Test, run: ProbeTools['run']): { folder: string; tools: ProbeTools } {
  const folder = path.join(t.testdir({}), 'sandbox');
  return { folder, tools: { find: () => '/usr/bin/sandbox-exec' as TrustedProgram, run } };
}

const failed = (code: number, stderr: string): ProgramResult => ({
  error: Object.assign(new Error('sandbox-exec failed'), { code }),
  stdout: '',
  stderr,
});

t.test(
  'a sandbox-exec that only starts the command: each wall is missing, for real',
  { timeout: 120_000 },
  async (t) => {
    const { folder, tools } = mac(t, (_, [, , , file = '', ...args]) =>
      runProgram(namedProgram(file, 'the test'), args, 60_000),
    );
    const status = await probeSeatbelt(folder, tools);
    t.match(status, { available: false });
    if (status.available) return;
    for (const wall of [
      'write outside of the workspace',
      'read a hidden file',
      'link a hidden file',
      'rename a pinned folder',
      'create a protected name',
      'signal a process outside',
      'connect to a port of this machine',
      'connect to a port where nobody listens',
      'send UDP',
      'connect to a unix socket',
      'listen',
      'connect to another port from a lane',
    ])
      t.match(status.reason, `"${wall}" leaked`);
    t.notMatch(status.reason, '"write in the workspace"', 'what must work does');
    t.same(fs.readdirSync(folder), [], 'nothing stays behind');
  },
);

t.test('a Mac that holds', async (t) => {
  const { folder, tools } = mac(t, async (_, args) => {
    const acts = JSON.parse(args.at(-1) ?? '') as readonly { does: string; with: readonly (string | number)[] }[];
    // As a Mac answered by hand: what must succeed is what the workspace, the readable and the lane's port are for.
    const lane = /"localhost:(\d+)"/.exec(args[1] ?? '')?.[1];
    const outcomes = acts.map(({ does, with: [one, two] }) => {
      const place = String(one);
      if (does === 'write') return place.endsWith('/work/file') ? 'done' : 'EPERM';
      if (does === 'read') return place.endsWith('/outside/file') ? 'done' : 'EPERM';
      if (does === 'rename') return place.endsWith('/work/old') ? 'done' : 'EPERM';
      if (does === 'run') return place === '/usr/bin/true' ? 'done' : 'EPERM';
      if (does === 'tcp') return place === '127.0.0.1' && String(two) === lane ? 'done' : 'EPERM';
      return 'EPERM';
    });
    return { error: null, stdout: JSON.stringify(outcomes), stderr: '' };
  });
  t.match(await probeSeatbelt(folder, tools), { available: true, kind: 'seatbelt', walls: Array });
});

t.test(
  'in another sandbox, with a policy that is not understood, without an answer, without the program',
  async (t) => {
    const nested = mac(t, async () => failed(71, 'sandbox-exec: sandbox_apply: Operation not permitted'));
    t.match(await probeSeatbelt(nested.folder, nested.tools), {
      available: false,
      reason: /codexd runs in a sandbox itself.*sandbox_apply: Operation not permitted/,
      fix: /externalSandbox/,
    });
    const old = mac(t, async () => failed(65, 'sandbox-exec: unbound variable: file-map-executable'));
    t.match(await probeSeatbelt(old.folder, old.tools), { reason: /does not take the policy.*unbound variable/ });
    const silent = mac(t, async () => ({ error: null, stdout: '', stderr: '' }));
    t.match(await probeSeatbelt(silent.folder, silent.tools), { reason: /gave no answer/ });
    const tools = {
      ...silent.tools,
      find: () => {
        throw new SystemProgramError('sandbox-exec is in no folder', 'install it');
      },
    };
    t.match(await probeSeatbelt(silent.folder, tools), { available: false, reason: 'sandbox-exec is in no folder' });
  },
);
