import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { HookRunSummary } from '../../../schema/protocol/services/hooks.js';
import { runHook, runHooks, type HookOccurrence } from '../../../server/hooks/run/run-hooks.js';
import type { CommandHook } from '../../../server/hooks/runnable-hook.js';
import { silentLogger } from '../../../server/log/log.js';
import { newHookCounts } from '../../../server/metrics/session-counts.js';
import { testSupervisor } from '../../exec/support/fakes.js';
import { alive, marker } from '../../exec/support/processes.js';
import { commandHook } from '../../fixtures/hooks.js';
import { until } from '../../fixtures/until.js';

function scene(t: Test) {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const counts = newHookCounts();
  const daemon = {
    supervisor: () => Promise.resolve(supervisor),
    env: { PATH: process.env.PATH ?? '', OWN: 'own' },
    counts,
    log: silentLogger,
  };
  const cwd = fs.realpathSync(t.testdir());
  const occurrence = (more: Partial<HookOccurrence> = {}): HookOccurrence => ({
    event: 'userPromptSubmit',
    input: '{"prompt":"hello"}',
    cwd,
    threadId: 'thread',
    turnId: 'turn',
    subject: null,
    callTool: () => Promise.reject(new TypeError('no hook here is a tool')),
    gone: new AbortController().signal,
    ...more,
  });
  const told: [string, HookRunSummary][] = [];
  const report = {
    started: (run: HookRunSummary) => void told.push(['started', run]),
    completed: (run: HookRunSummary) => void told.push(['completed', run]),
  };
  const run = (hooks: readonly CommandHook[], more: Partial<HookOccurrence> = {}) =>
    runHooks(daemon, hooks, occurrence(more), report);
  return { supervisor, counts, daemon, cwd, occurrence, told, run };
}

const hook = commandHook;

t.test(
  'a hook gets its input, its folder and the daemon’s environment, in a shell that reads no profile',
  async (t) => {
    const { run, cwd } = scene(t);
    const [result] = await run([hook('echo "$(cat)|$PWD|$OWN|$0|$-" >&2; exit 2')]);
    const text = result?.answer.entries[0]?.text ?? '';
    t.equal(text, `{"prompt":"hello"}|${cwd}|own|/bin/bash|hBc`);
  },
);

t.test('all begin before one ends, and the ends are reported in their order', async (t) => {
  const { run, told, counts, cwd } = scene(t);
  const go = path.join(cwd, 'go');
  const results = await run(
    [
      hook(`until test -e ${go}; do sleep 0.01; done; echo first`, { displayOrder: 3, statusMessage: 'one' }),
      hook(`touch ${go}; echo no >&2; exit 2`, { displayOrder: 4 }),
      hook('exit 1', { displayOrder: 5 }),
    ],
    { subject: 'call' },
  );
  t.same(
    results.map(({ answer }) => answer.status),
    ['completed', 'blocked', 'failed'],
  );
  t.same(
    told.map(([what, { displayOrder }]) => [what, displayOrder]),
    [
      ['started', 3],
      ['started', 4],
      ['started', 5],
      ['completed', 3],
      ['completed', 4],
      ['completed', 5],
    ],
  );
  t.match(told[0]?.[1], {
    id: 'user-prompt-submit:3:/home/hooks.json:call',
    eventName: 'userPromptSubmit',
    executionMode: 'sync',
    scope: 'turn',
    status: 'running',
    statusMessage: 'one',
    completedAt: null,
    entries: [],
  });
  t.match(told[3]?.[1], { status: 'completed', entries: [{ kind: 'context', text: 'first' }] });
  t.type(told[3]?.[1].durationMs, 'number');
  t.match(counts.runs, { completed: 1, blocked: 1, failed: 1 });
});

t.test('a hook that takes too long is ended with its children', async (t) => {
  const { run } = scene(t);
  const mark = marker();
  const [result] = await run([hook(`sleep ${mark} & setsid sleep ${mark} & sleep ${mark}`, { timeoutSec: 1 })]);
  t.match(result?.answer, { status: 'failed', entries: [{ kind: 'error', text: 'hook timed out after 1s' }] });
  await until(() => alive(mark).length === 0, 'nothing is left');
});

t.test('what a child still writes belongs to the answer', async (t) => {
  const { run } = scene(t);
  const [result] = await run([hook('(sleep 3; echo late) & echo early')]);
  t.match(result?.answer.entries, [{ kind: 'context', text: 'early\nlate' }]);
});

t.test('an interrupt ends a hook with its children', async (t) => {
  const { run, counts, told } = scene(t);
  const gone = new AbortController();
  const mark = marker();
  const running = run([hook(`sleep ${mark} & sleep ${mark}`)], { gone: gone.signal });
  await until(() => alive(mark).length >= 2, 'the hook runs');
  gone.abort();
  const [result] = await running;
  t.match(result?.answer, { status: 'failed' });
  t.equal(counts.runs.cancelled, 1);
  t.equal(told.at(-1)?.[0], 'completed', 'what began is reported to have ended');
  await until(() => alive(mark).length === 0, 'nothing is left');
  t.match(
    await run([hook('echo x')], { gone: gone.signal }),
    [{ answer: { status: 'failed' } }],
    'none begins any more',
  );
});

t.test('input that nobody reads, and output without end', async (t) => {
  const { run } = scene(t);
  const input = JSON.stringify({ prompt: 'x'.repeat(2_000_000) });
  const [closed, idle] = await run([hook('exec 0<&-; echo ok'), hook('sleep 0.2; echo ok')], { input });
  t.match(closed?.answer.entries, [{ text: 'ok' }]);
  t.match(idle?.answer.entries, [{ text: 'ok' }]);
  const [big] = await run([hook('head -c 100000000 /dev/zero | tr "\\0" y')]);
  t.equal(big?.answer.entries[0]?.text.length, 1024 * 1024);
});

t.test('a folder and a program that do not exist', async (t) => {
  const { run } = scene(t);
  t.match(await run([hook('true')], { cwd: '/nonexistent' }), [
    { answer: { status: 'failed', entries: [{ text: 'No such file or directory (os error 2)' }] } },
  ]);
  t.match(await run([hook('/nonexistent/program')]), [
    { answer: { entries: [{ text: 'hook exited with code 127' }] } },
  ]);
});

t.test('a failing guard of an administrator blocks, and says why', async (t) => {
  const { run } = scene(t);
  const managed = { isManaged: true, eventName: 'preToolUse' as const };
  for (const [command, why] of [
    ['exit 1', 'hook exited with code 1'],
    ['echo "{x"', 'hook returned invalid pre-tool-use JSON output'],
    ['sleep 60', 'hook timed out after 1s'],
  ] as const) {
    const timeoutSec = command === 'sleep 60' ? 1 : 600;
    const [result] = await run([hook(command, { ...managed, timeoutSec })], { event: 'preToolUse' });
    t.match(result?.answer, { status: 'blocked', entries: [{ kind: 'error', text: why }, { kind: 'feedback' }] });
    t.match(result?.answer.reason, why);
  }
  const [own] = await run([hook('exit 1')], { event: 'preToolUse' });
  t.equal(own?.answer.status, 'failed', 'a person’s own hook');
  const [stop] = await run([hook('exit 1', managed)], { event: 'stop' });
  t.equal(stop?.answer.status, 'failed', 'at the end of a turn nothing can be refused');
});

t.test('200 hooks of one event', async (t) => {
  const { run, told } = scene(t);
  const hooks = Array.from({ length: 200 }, (_, n) => hook(`echo ${n}`, { displayOrder: n }));
  const results = await run(hooks);
  t.same(
    results.map(({ answer }) => answer.entries[0]?.text),
    hooks.map((_, n) => String(n)),
  );
  t.equal(told.length, 400);
});

t.test('a hook without a report', async (t) => {
  const { daemon, occurrence, counts } = scene(t);
  const { answer } = await runHook(daemon, hook('echo x'), occurrence());
  t.match(answer.entries, [{ kind: 'context', text: 'x' }]);
  t.equal(counts.runs.completed, 1);
  t.ok(counts.ms >= 0);
});
