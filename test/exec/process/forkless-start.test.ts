import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { spawnChild } from '../../../server/exec/process/child.js';
import type { ProgramCall } from '../../../server/exec/process/program-call.js';
import { startForkless } from '../../../server/exec/process/forkless-start.js';
import { runToEnd, startChild } from '../../fixtures/programs.js';

const skip = process.platform === 'linux' ? false : 'only Linux has it';
const NOTHING = ['ignore', 'ignore', 'ignore'] as const;
const call = (file: string, args: readonly string[] = [], changes: Partial<ProgramCall> = {}): ProgramCall => ({
  file,
  args,
  cwd: '/',
  env: { PATH: '/usr/bin:/bin' },
  ...changes,
});

t.test('the end, the signal, and what Node knows of a process', { skip }, async (t) => {
  const started = startForkless(call('/bin/sh', ['-c', 'exit 3']), NOTHING, true);
  t.same(await started?.exited, { code: 3, signal: null });
  t.same([started?.handle.exitCode, started?.handle.signalCode], [3, null]);
  t.notOk(started?.handle.kill(), 'it has ended');
  const sleeper = startForkless(call('/bin/sleep', ['60']), NOTHING, true);
  t.same([sleeper?.handle.exitCode, sleeper?.handle.signalCode], [null, null]);
  t.ok(sleeper?.handle.kill('SIGKILL'));
  t.same(await sleeper?.exited, { code: null, signal: 'SIGKILL' });
  t.equal(sleeper?.handle.signalCode, 'SIGKILL');
});

t.test('a program is found as execvp(3) finds it', { skip }, async (t) => {
  const folder = t.testdir({
    bin: { there: '#!/bin/sh\nexit 4\n', closed: 'x' },
    other: { closed: '#!/bin/sh\nexit 5\n' },
  });
  for (const name of ['bin/there', 'other/closed']) fs.chmodSync(path.join(folder, name), 0o755);
  const env = { PATH: `${folder}/missing:${folder}/bin:${folder}/other` };
  const codeOf = async (file: string, changes: Partial<ProgramCall> = {}): Promise<number | null | undefined> =>
    (await startForkless(call(file, [], { env, ...changes }), NOTHING, true)?.exited)?.code;
  t.equal(await codeOf('there'), 4);
  t.equal(await codeOf('closed'), 5, 'one that may not run is passed over');
  t.equal(await codeOf('bin/there', { cwd: folder }), 4, 'a relative path starts at the folder of the program');
  t.equal(startForkless(call('nowhere', [], { env }), NOTHING, true), null);
});

t.test('what it cannot do is left to Node, which says why a program cannot run', { skip }, async (t) => {
  t.equal(startForkless(call('/bin/true'), ['pipe', 'ignore', 'ignore'], true), null, 'a pipe');
  t.equal(startForkless(call('/bin/true'), [1, 0, 'ignore'], true), null, 'descriptors that change their places');
  t.equal(startForkless(call('/nothing/there'), NOTHING, true), null);
  await t.rejects(spawnChild(call('/nothing/there'), NOTHING, true), { code: 'exec.spawn', errno: 'ENOENT' });
  await t.rejects(spawnChild(call('/bin/true', [], { cwd: '/nothing/there' }), NOTHING, true), {
    code: 'exec.spawn',
    errno: 'ENOENT',
  });
  const text = path.join(t.testdir({ text: 'exit 6' }), 'text');
  fs.chmodSync(text, 0o755);
  const script = await spawnChild(call(text), NOTHING, true);
  t.same(await script.exited, { code: 6, signal: null }, 'a script without its first line is run by a shell');
});

t.test('processes of Node and others end beside each other', { skip }, async (t) => {
  const ends = Array.from({ length: 20 }, async (_, code) => {
    const forkless = startForkless(call('/bin/sh', ['-c', `exit ${code}`]), NOTHING, true);
    const ordinary = await startChild('/bin/sh', ['-c', `exit ${code}`], { stdio: 'ignore' });
    return [(await forkless?.exited)?.code, ordinary.exitCode];
  });
  t.same(
    await Promise.all(ends),
    Array.from({ length: 20 }, (_, code) => [code, code]),
  );
});

t.test('a process ends although a child that keeps nothing running is left', { skip }, (t) => {
  const module = new URL('../../../server/exec/process/forkless-start.js', import.meta.url).href;
  const program = `
    const { startForkless } = await import(${JSON.stringify(module)});
    const call = { file: '/bin/sleep', args: ['60'], cwd: '/', env: {} };
    const stdio = ['ignore', 'ignore', 'ignore'];
    const left = startForkless(call, stdio, true);
    left.handle.unref();
    console.log(left.pid);
    process.on('exit', () => left.handle.kill('SIGKILL'));
  `;
  const { exitCode, stdout } = runToEnd(process.execPath, ['--input-type=module', '-e', program]);
  t.equal(exitCode, 0);
  t.match(stdout, /^\d+\n?$/);
  t.end();
});
