import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createMacosSandbox, type MacosSandboxOptions } from '../../../server/sandbox/macos/macos-sandbox.js';
import type { ProbeTools } from '../../../server/sandbox/macos/probe.js';
import type { SandboxRequest } from '../../../server/sandbox/policy/sandbox.js';
import { systemProgram } from '../../../server/system/programs/system-program.js';
import { workspace } from '../support.js';
import { can, canSomehow, evaluate, READINGS } from './evaluator.js';
import { READING } from './fake-mac.js';

/** A Mac on which all walls hold: only the answers of its sandbox-exec are made. */
const HOLDS: ProbeTools = {
  find: () => systemProgram('sh'),
  run: async (_, args) => {
    const acts = JSON.parse(args.at(-1) ?? '') as readonly { does: string; with: readonly (string | number)[] }[];
    const lane = /"localhost:(\d+)"/.exec(args[1] ?? '')?.[1];
    const done = /\/work\/(file|old)$|\/outside\/file$|^\/usr\/bin\/true$/;
    const outcomes = acts.map(({ does, with: [one, two] }) =>
      (does === 'tcp' ? one === '127.0.0.1' && String(two) === lane : done.test(String(one)) && does !== 'create') &&
      !(does === 'write' && /outside/.test(String(one)))
        ? 'done'
        : 'EPERM',
    );
    return { error: null, stdout: JSON.stringify(outcomes), stderr: '' };
  },
};

function scene(t: Test, more: Partial<MacosSandboxOptions> = {}) {
  const root = fs.realpathSync(t.testdir({ home: { 'auth.json': '' }, work: { '.git': {}, sub: {} } }));
  const at = (name: string): string => path.join(root, name);
  const sandbox = createMacosSandbox({
    codexHome: at('home'),
    runtimeDir: at('home/tmp/codexd-sandbox'),
    hiddenPaths: [at('work/sockets')],
    homeNames: [],
    members: () => ({ has: (mark, pid) => mark.startsWith('codexd.command.') && pid === 5, isSandboxed: () => true }),
    tools: HOLDS,
    log: { warn: (message) => t.comment(message) },
    ...more,
  });
  const request: SandboxRequest = {
    argv: ['/bin/echo', '-n', '--', '$HOME'],
    cwd: at('work'),
    env: { A: '1' },
    profile: workspace(),
    workspaceRoots: [at('work')],
    network: 'offline',
    terminal: false,
  };
  return { at, sandbox, request };
}

t.test('a command line for sandbox-exec: the policy is one word, and the command keeps its words', async (t) => {
  const { at, sandbox, request } = scene(t);
  const { file, args, env, contains, release } = await sandbox.wrap(request);
  t.equal(file, systemProgram('sh'));
  t.equal(args[0], '-p');
  t.strictSame(args.slice(2), ['--', ...request.argv]);
  t.strictSame(env, { A: '1' });
  t.equal(contains?.(5), true);
  t.equal(contains?.(6), false);
  release();
  release();
  for (const reading of READINGS.filter(({ names }) => names === 'plain')) {
    const policy = evaluate(args[1] ?? '', reading);
    t.ok(can(policy, 'create', at('work/new')));
    for (const closed of ['home/auth.json', 'home/tmp/codexd-sandbox/x', 'work/sockets/1', 'work/SOCKETS'])
      t.notOk(canSomehow(policy, 'create', at(closed)), closed);
    t.notOk(can(policy, 'read', at('home/auth.json')));
  }
});

t.test('each command has a mark of its own', async (t) => {
  const { sandbox, request } = scene(t);
  const marks = await Promise.all(
    [1, 2].map(async () => /codexd\.command\.[0-9a-f]{24}/.exec((await sandbox.wrap(request)).args[1] ?? '')?.[0]),
  );
  t.not(marks[0], undefined);
  t.not(marks[0], marks[1]);
});

t.test('a lane has the ports of its command, and needs to know whose processes connect', async (t) => {
  const { sandbox, request } = scene(t);
  const { args } = await sandbox.wrap({ ...request, network: 'lane', lanePorts: [4001, 4002] });
  const policy = evaluate(args[1] ?? '', READING);
  const to = (port: number): boolean =>
    policy({ operation: 'network-outbound', host: '127.0.0.1', port, transport: 'tcp' });
  t.strictSame([to(4001), to(4002), to(4003)], [true, true, false]);
  await t.rejects(sandbox.wrap({ ...request, network: 'lane' }), { code: 'sandbox.refused', message: /no port/ });

  const blind = scene(t, {
    members: () => {
      throw new RangeError('no koffi');
    },
  });
  await t.rejects(blind.sandbox.wrap({ ...blind.request, network: 'lane', lanePorts: [1] }), {
    code: 'sandbox.refused',
    message: /tell its processes from others: no koffi/,
  });
  t.equal((await blind.sandbox.wrap(blind.request)).contains, undefined, 'without a network it runs');
});

t.test('a wall that leaks: every command is refused, and looked at again with the next', async (t) => {
  let leaks = true;
  const { sandbox, request } = scene(t, {
    tools: {
      ...HOLDS,
      run: async (program, args) => {
        const result = await HOLDS.run(program, args);
        return leaks ? { ...result, stdout: result.stdout.replaceAll('EPERM', 'done') } : result;
      },
    },
  });
  t.match(await sandbox.status(), { available: false, reason: /"read a hidden file" leaked \(done\)/ });
  await t.rejects(sandbox.wrap(request), { code: 'sandbox.refused', message: /cannot be sandboxed here/ });
  leaks = false;
  t.match(await sandbox.status(), { available: true, kind: 'seatbelt' });
  t.ok(await sandbox.wrap(request));
});

t.test('a policy that would be too long is refused', async (t) => {
  const { sandbox, request, at } = scene(t);
  const names = Array.from({ length: 700 }, (_, n) => at(`work/${'x'.repeat(100)}${n}`));
  const profile = workspace(Object.fromEntries(names.map((name) => [name, 'deny'] as const)));
  await t.rejects(sandbox.wrap({ ...request, profile }), { code: 'sandbox.refused', message: /deny fewer paths/ });
});
