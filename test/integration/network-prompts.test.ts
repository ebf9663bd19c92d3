/** Prompts for command/exec, with the real daemon, real sandboxes and a real client (docs/protocol-extensions.md). */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import {
  NETWORK_APPROVAL_CAPABILITY,
  runCommand,
  type Client,
  type CommandHandle,
  type NetworkDecision,
  type NetworkHandler,
  type NetworkPrompt,
} from '../../clients/typescript/index.js';
import { proxiedConfig, startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { elapse, until } from '../fixtures/until.js';

t.setTimeout(120_000);

/** A name that every machine resolves to itself; no allow rule lists it. */
const HOST = 'localhost';
const asking = { experimentalApi: true, extensions: { [NETWORK_APPROVAL_CAPABILITY]: {} } };
const amend = (action: 'allow' | 'deny', host = HOST): NetworkDecision => ({
  applyNetworkPolicyAmendment: { network_policy_amendment: { host, action } },
});

interface Scene {
  readonly daemon: TestDaemon;
  readonly upstream: { readonly port: number; readonly hits: string[] };
  readonly connect: () => Promise<Client>;
}

/** `keys` and `tables` come before and after the configuration with which commands use the proxy. */
async function scene(t: Test, { keys = '', tables = '' } = {}): Promise<Scene> {
  const hits: string[] = [];
  const server = http.createServer((request, response) => {
    hits.push(request.url ?? '');
    response.end('from upstream');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const daemon = await startDaemon({ config: `${keys}\n${proxiedConfig({ 'denied.test': 'deny' })}\n${tables}` });
  t.teardown(async () => {
    await daemon.stop();
    server.closeAllConnections();
    server.close();
  });
  return {
    daemon,
    upstream: { port: (server.address() as AddressInfo).port, hits },
    connect: () => daemon.connect(asking),
  };
}

const curl = (port: number, name: string): string =>
  `curl -s -m 60 --noproxy '' -o /dev/null -w '${name}=%{http_code}\\n' http://${HOST}:${port}/${name}`;
const bash = (...lines: string[]): { command: string[]; timeoutMs: number } => ({
  command: ['bash', '--norc', '-c', lines.join('\n')],
  timeoutMs: 60_000,
});

/** Answers every prompt with the next decision. */
function answering(...decisions: NetworkDecision[]): { handler: NetworkHandler; prompts: NetworkPrompt[] } {
  const prompts: NetworkPrompt[] = [];
  const handler: NetworkHandler = (prompt) => {
    prompts.push(prompt);
    return decisions[prompts.length - 1] ?? 'decline';
  };
  return { handler, prompts };
}

/** Leaves prompts open until they are answered by hand. */
function waiting() {
  const open: { prompt: NetworkPrompt; signal: AbortSignal; answer(decision: NetworkDecision): void }[] = [];
  const handler: NetworkHandler = (prompt, { signal }) =>
    new Promise((answer) => open.push({ prompt, signal, answer }));
  return { handler, open };
}

t.test('accept: the request continues, and the next one asks again', async (t) => {
  const { upstream, connect, daemon } = await scene(t);
  const client = await connect();
  const { handler, prompts } = answering('accept', 'accept');
  const { port } = upstream;
  const handle = runCommand(client, bash(curl(port, 'a'), curl(port, 'b')), { onNetworkRequest: handler });
  const result = await handle.done;
  t.match(result, { exitCode: 0, stdout: 'a=200\nb=200\n' });
  t.equal(result.networkDenial, undefined);
  t.strictSame(upstream.hits, ['/a', '/b']);
  t.equal(prompts.length, 2);
  t.match(prompts[0], {
    processId: handle.processId,
    command: bash(curl(port, 'a'), curl(port, 'b')).command,
    cwd: daemon.work,
    host: HOST,
    port,
    protocol: 'http',
    reason: `Network access to ${HOST} requires approval`,
    availableDecisions: ['accept', 'acceptForSession', amend('allow'), amend('deny'), 'decline', 'cancel'],
  });
  t.notOk(fs.existsSync(path.join(daemon.home, 'rules')), 'nothing is written');
});

t.test('case 44: requests of one command for one target share a prompt; another port has its own', async (t) => {
  const { upstream, connect } = await scene(t);
  const client = await connect();
  const { handler, open } = waiting();
  const { port } = upstream;
  const lines = [1, 2, 3].map((n) => `${curl(port, `n${n}`)} &`);
  const { done } = runCommand(client, bash(...lines, `${curl(9, 'other')} &`, 'wait'), { onNetworkRequest: handler });
  await until(() => open.length === 2, 'two prompts');
  await elapse(200, 'a third prompt would come now');
  t.strictSame(open.map(({ prompt }) => prompt.port).sort(), [9, port].sort());
  for (const { answer } of open) answer('accept');
  const { stdout } = await done;
  t.strictSame(stdout.trim().split('\n').sort(), ['n1=200', 'n2=200', 'n3=200', 'other=502']);
});

t.test('case 47: accept for this connection applies to it, and to no other connection, port or file', async (t) => {
  const { upstream, connect, daemon } = await scene(t);
  const { port } = upstream;
  const first = await connect();
  const mine = answering('acceptForSession');
  t.match(await runCommand(first, bash(curl(port, 'a')), { onNetworkRequest: mine.handler }).done, {
    stdout: 'a=200\n',
  });
  t.match(await runCommand(first, bash(curl(port, 'b')), { onNetworkRequest: mine.handler }).done, {
    stdout: 'b=200\n',
  });
  t.equal(mine.prompts.length, 1, 'another command of the connection is not asked again');
  await runCommand(first, bash(curl(9, 'c')), { onNetworkRequest: mine.handler }).done;
  t.equal(mine.prompts.length, 2, 'another port is');

  const second = await connect();
  const theirs = answering('decline');
  const refused = await runCommand(second, bash(curl(port, 'd')), { onNetworkRequest: theirs.handler }).done;
  t.equal(theirs.prompts.length, 1, 'another connection is asked');
  t.match(refused.networkDenial, { host: HOST, port });
  t.notOk(fs.existsSync(path.join(daemon.home, 'rules')));
  t.strictSame(upstream.hits, ['/a', '/b']);
});

t.test('amend: allowed and denied from then on, for all commands, and after a restart of the daemon', async (t) => {
  const { upstream, connect, daemon } = await scene(t);
  const { port } = upstream;
  const client = await connect();
  const yes = answering(amend('allow'));
  const ask = (name: string, onNetworkRequest: NetworkHandler, of = client) =>
    runCommand(of, bash(curl(port, name)), { onNetworkRequest }).done;
  t.match(await ask('a', yes.handler), { stdout: 'a=200\n' });
  const plain = await daemon.connect();
  t.match(await plain.request('command/exec', bash(curl(port, 'b'))), { stdout: 'b=200\n' }, 'whoever asks');
  t.equal(yes.prompts.length, 1);
  const file = path.join(daemon.home, 'rules', 'default.rules');
  const allow = `network_rule(host="${HOST}", protocol="http", decision="allow", justification="Allow http access to ${HOST}")\n`;
  t.equal(fs.readFileSync(file, 'utf8'), allow);
  t.equal(fs.statSync(file).mode & 0o777, 0o600);

  const again = await startDaemon({ config: proxiedConfig({}) });
  t.teardown(() => again.stop());
  fs.cpSync(path.dirname(file), path.join(again.home, 'rules'), { recursive: true });
  t.match(await (await again.connect()).request('command/exec', bash(curl(port, 'c'))), { stdout: 'c=200\n' });

  // A denial over it: it wins at once, also over the allowance beside it.
  fs.appendFileSync(file, `network_rule(host="${HOST}", protocol="http", decision="deny")\n`);
  await elapse(300, 'the file is read again');
  const denied = await ask('d', yes.handler);
  t.match(denied.networkDenial, { reason: 'denied', rule: HOST, source: 'baseline_policy' });
  t.equal(yes.prompts.length, 1, 'a denial is not asked about');
});

t.test('amend deny: the command ends, the host is denied from then on', async (t) => {
  const { upstream, connect, daemon } = await scene(t);
  const client = await connect();
  const { handler, prompts } = answering(amend('deny'));
  const run = () => runCommand(client, bash(curl(upstream.port, 'a'), 'sleep 30'), { onNetworkRequest: handler }).done;
  const first = await run();
  t.match(first, {
    exitCode: 137,
    stderr: 'rejected by user\n',
    networkDenial: { reason: 'not_allowed', source: 'decider' },
  });
  t.match(fs.readFileSync(path.join(daemon.home, 'rules/default.rules'), 'utf8'), /decision="deny"/);
  t.match((await run()).networkDenial, { reason: 'denied', source: 'baseline_policy' });
  t.equal(prompts.length, 1);
  t.strictSame(upstream.hits, []);
});

t.test('an amendment for another host, or an invalid answer, is a refusal', async (t) => {
  const { upstream, connect, daemon } = await scene(t);
  const client = await connect();
  const warnings: string[] = [];
  client.onNotification('warning', ({ message }) => warnings.push(message));
  const run = (decision: unknown) =>
    runCommand(client, bash(curl(upstream.port, 'a')), { onNetworkRequest: () => decision as NetworkDecision }).done;
  t.match(await run(amend('allow', 'other.test')), {
    stderr: `Network access to "http://${HOST}:${upstream.port}" was blocked by policy.\n`,
  });
  t.strictSame(warnings, [
    `Failed to apply network policy amendment: network policy amendment host 'other.test' does not match approved host '${HOST}'`,
  ]);
  const wrong = [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: ['curl'] } }, 'always', 7, null, {}];
  for (const decision of wrong)
    t.match(await run(decision), { stderr: 'approval request failed\n' }, JSON.stringify(decision));
  const fails = runCommand(client, bash(curl(upstream.port, 'a')), {
    onNetworkRequest: () => {
      throw new Error('the dialog broke');
    },
  });
  t.match(await fails.done, { stderr: 'approval request failed\n' }, 'an error for an answer');
  t.notOk(fs.existsSync(path.join(daemon.home, 'rules')));
  t.strictSame(upstream.hits, []);
});

t.test('case 46: of two commands that request one host, only the declined one ends', async (t) => {
  const { upstream, connect } = await scene(t);
  const client = await connect();
  const { handler, open } = waiting();
  const handles = ['a', 'b'].map((name) =>
    runCommand(client, bash(`echo ${name} begins`, curl(upstream.port, name), 'sleep 0.2', 'echo done'), {
      onNetworkRequest: handler,
    }),
  ) as [CommandHandle, CommandHandle];
  await until(() => open.length === 2, 'a prompt for each command');
  const of = (handle: CommandHandle) => open.find(({ prompt }) => prompt.processId === handle.processId);
  of(handles[0])?.answer('decline');
  const declined = await handles[0].done;
  t.match(declined, {
    exitCode: 137,
    stdout: 'a begins\n',
    stderr: 'rejected by user\n',
    networkDenial: {
      host: HOST,
      port: upstream.port,
      protocol: 'http',
      reason: 'not_allowed',
      rule: null,
      source: 'decider',
    },
  });
  of(handles[1])?.answer('accept');
  t.match(await handles[1].done, { exitCode: 0, stdout: 'b begins\nb=200\ndone\n' });
  t.strictSame(upstream.hits, ['/b']);
});

t.test('case 45: an answer after the command’s end has no effect, and the prompt is withdrawn', async (t) => {
  const { upstream, connect, daemon } = await scene(t);
  const client = await connect();
  const resolved: unknown[] = [];
  client.onNotification('network/requestApproval/resolved', ({ requestId }) => resolved.push(requestId));
  const { handler, open } = waiting();
  const handle = runCommand(client, bash(curl(upstream.port, 'a')), { onNetworkRequest: handler });
  await until(() => open.length === 1, 'a prompt');
  await handle.terminate();
  t.equal((await handle.done).exitCode, 137);
  await until(() => open[0]?.signal.aborted === true && resolved.length === 1, 'the prompt is taken back');
  open[0]?.answer(amend('allow'));
  const { handler: again, prompts } = answering('decline');
  await runCommand(client, bash(curl(upstream.port, 'b')), { onNetworkRequest: again }).done;
  t.equal(prompts.length, 1, 'the late answer has opened nothing');
  await until(() => resolved.length === 2, 'an answered prompt is settled, too');
  t.strictSame(upstream.hits, []);
  t.notOk(fs.existsSync(path.join(daemon.home, 'rules')));
});

t.test('case 48: a client that disconnects during a prompt denies it, and its command ends', async (t) => {
  const { upstream, connect, daemon } = await scene(t);
  const client = await connect();
  const { handler, open } = waiting();
  const mark = `mark-${process.pid}-48`;
  const handle = runCommand(
    client,
    bash(`sleep 60 & exec -a ${mark} bash -c '${curl(upstream.port, 'a').replaceAll("'", '"')}; sleep 60'`),
    {
      onNetworkRequest: handler,
    },
  );
  const lost = t.rejects(handle.done);
  await until(() => open.length === 1, 'a prompt');
  const other = await daemon.connect(asking);
  await client.close();
  await lost;
  const alive = (): boolean =>
    fs.readdirSync('/proc').some((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(mark);
      } catch {
        return false; // it has ended
      }
    });
  await until(() => !alive(), 'the command is gone');
  const log = await other.request('network/decisions/list', {});
  t.match(log.data[0], { verdict: 'deny', host: HOST }, 'the request was denied');
  t.strictSame(upstream.hits, []);
  const { handler: next } = answering('accept');
  t.match(await runCommand(other, bash(curl(upstream.port, 'z')), { onNetworkRequest: next }).done, {
    stdout: 'z=200\n',
  });
});

/** Rounds of six commands; a script that wants more sets CODEXD_PROMPT_ROUNDS. */
const ROUNDS = Number(process.env.CODEXD_PROMPT_ROUNDS ?? 15);

t.test('case 46: answers at random moments end exactly their own commands', async (t) => {
  const { upstream, connect } = await scene(t);
  const clients = [await connect(), await connect()];
  const wrong: unknown[] = [];
  let hits = 0;
  for (let round = 0; round < ROUNDS && wrong.length === 0; round++) {
    const commands = Array.from({ length: 6 }, async (_, index) => {
      // Declined while it waits; declined while it ends by itself, which may come first; accepted.
      const kind = (['declined', 'racing', 'accepted'] as const)[(index + round) % 3] ?? 'accepted';
      const name = `${kind}-${round}-${index}`;
      const request = curl(upstream.port, name);
      const lines = kind === 'racing' ? [`${request} &`, `sleep 0.${(round + index) % 4}`] : [request, 'echo done'];
      const handler: NetworkHandler = async () => {
        await elapse(((round * 7 + index * 13) % 10) * 15, 'answers come in another order than the questions');
        return kind === 'accepted' ? 'accept' : 'decline';
      };
      const result = await runCommand(clients[index % 2] as Client, bash(...lines), { onNetworkRequest: handler }).done;
      const denied = result.networkDenial?.source === 'decider' && result.stderr === 'rejected by user\n';
      const clean = result.networkDenial === undefined && result.exitCode === 0 && result.stderr === '';
      const right = {
        declined: denied && result.exitCode === 137 && result.stdout === '',
        // The first recorded one is reported; the exit code is the real one of the process.
        racing: denied || clean,
        accepted: clean && result.stdout === `${name}=200\ndone\n`,
      }[kind];
      if (kind === 'accepted') hits++;
      if (!right) wrong.push({ round, index, kind, result });
    });
    await Promise.all(commands);
  }
  t.strictSame(wrong, []);
  t.equal(upstream.hits.length, hits);
  t.ok(upstream.hits.every((url) => url.startsWith('/accepted-')));
});

t.test('a daemon that receives a signal does not wait for an answer', async (t) => {
  const { upstream, connect, daemon } = await scene(t);
  const client = await connect();
  const { handler, open } = waiting();
  const { done } = runCommand(client, bash(curl(upstream.port, 'a'), 'sleep 60'), { onNetworkRequest: handler });
  const over = done.then(
    () => {},
    () => {},
  );
  await until(() => open.length === 1, 'a prompt');
  const gone = new Promise((exit) => daemon.process.once('exit', exit));
  daemon.process.kill('SIGTERM');
  await Promise.all([gone, over]);
  t.ok(open[0]?.signal.aborted);
  t.strictSame(upstream.hits, []);
});

t.test('on_network_denial = "refuse": only the request is refused, and cancel ends the command', async (t) => {
  const { upstream, connect } = await scene(t, { tables: '[codexd.command_exec]\non_network_denial = "refuse"' });
  const client = await connect();
  const decline = answering('decline', 'accept');
  const lines = [curl(upstream.port, 'a'), curl(upstream.port, 'b')];
  const refused = await runCommand(client, bash(...lines), { onNetworkRequest: decline.handler }).done;
  t.match(refused, { exitCode: 0, stdout: 'a=403\nb=200\n' });
  const cancel = answering('cancel');
  const cancelled = await runCommand(client, bash(...lines), { onNetworkRequest: cancel.handler }).done;
  t.match(cancelled, { exitCode: 137, stdout: '', networkDenial: { source: 'decider' } });
  t.strictSame(upstream.hits, ['/b']);
});

t.test('the command’s own timer is paused during a prompt', async (t) => {
  const { upstream, connect } = await scene(t);
  const client = await connect();
  const slow = async (): Promise<NetworkDecision> => {
    await elapse(6500, 'longer than the command may take');
    return 'accept';
  };
  const params = { ...bash(curl(upstream.port, 'a')), timeoutMs: 6000 };
  t.match(await runCommand(client, params, { onNetworkRequest: slow }).done, { exitCode: 0, stdout: 'a=200\n' });
  const { done } = runCommand(client, { ...bash('sleep 30'), timeoutMs: 300 });
  t.equal((await done).exitCode, 124, 'and runs otherwise');
});

t.test('commands without prompts', async (t) => {
  const rows: [config: { keys?: string; tables?: string }, extensions: Record<string, unknown>, why: string][] = [
    [{}, {}, 'a client that did not declare it'],
    [{}, { [NETWORK_APPROVAL_CAPABILITY]: null }, 'a null is no declaration'],
    [{ keys: 'approval_policy = "never"' }, asking.extensions, 'approval_policy never'],
    [{ tables: '[codexd]\nnetwork_prompts = "never"' }, asking.extensions, 'network_prompts never'],
    [{ tables: '[codexd]\nnetwork_prompts = "managed"' }, asking.extensions, 'only under managed requirements'],
  ];
  for (const [config, extensions, why] of rows) {
    const { daemon, upstream } = await scene(t, config);
    const client = await daemon.connect({ experimentalApi: true, extensions });
    let asked = 0;
    client.onRequest('network/requestApproval', () => ({ decision: (asked++, 'accept' as const) }));
    const result = await client.request('command/exec', bash(curl(upstream.port, 'a'), 'sleep 30'));
    t.match(result.networkDenial, { reason: 'not_allowed', source: 'baseline_policy' }, why);
    t.match(result.stderr, /domain is not on the allowlist/, why);
    t.equal(asked, 0, why);
  }
});
