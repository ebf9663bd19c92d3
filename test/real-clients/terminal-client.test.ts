/**
 * The reference's terminal client, unmodified, in tmux: over WebSocket, over a unix socket, over the default control
 * socket.
 */
import type { ChildProcess } from 'node:child_process';
import { execaSync } from 'execa';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { event, items, say, startModelServer, type ModelRequestSeen, type Step } from '../fixtures/model-server.js';
import { scratch, scriptedConfig } from '../fixtures/program.js';
import { CODEXD, hasTmux, official, OFFICIAL_VERSIONS, unless } from '../fixtures/real-clients.js';
import { elapse, until } from '../fixtures/until.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(240_000);

/** The versions that are installed; where there is none, one test says so. */
const versions = OFFICIAL_VERSIONS.filter((version) => official(version) !== null);
const skip = unless(versions.length > 0, 'the official program') || unless(hasTmux(), 'tmux');

/** The terminal client asks for a title with a request of its own, without tools: answers go by what is asked. */
const script = ({ url, body }: ModelRequestSeen): Step => {
  // The list of models: the daemon asks a server of this machine.
  if (url.endsWith('/models')) return { status: 404, body: {} };
  if ((body.tools as unknown[] | undefined)?.length === 0) return say('{"title":"A title"}');
  const last = (body.input as { type: string; content?: unknown }[]).at(-1);
  const text = JSON.stringify(last?.content ?? '');
  if (last?.type === 'function_call_output') return say('the tool has run');
  if (text.includes('escalate')) {
    return items(
      event.call('exec_command', {
        cmd: 'echo ran',
        sandbox_permissions: 'require_escalated',
        justification: 'to see',
      }),
    );
  }
  return text.includes('wait') ? { events: [event.created()], hang: true } : say('hello from the model');
};

/** `listen`: the daemon's; `remote`: the client's flags, given what the daemon says it listens on. */
async function terminal(
  t: Test,
  codex: string | null,
  listen: string | null,
  remote: (banner: string, root: string) => readonly string[],
) {
  const model = await startModelServer(...Array.from({ length: 40 }, () => script));
  const config = scriptedConfig(
    model.url,
    'approval_policy = "on-request"\ncheck_for_update_on_startup = false\nanalytics.enabled = false\nfeatures.plugins = false',
  );
  const { home, work, user } = scratch(t, config);
  fs.appendFileSync(path.join(home, 'config.toml'), `[projects."${work}"]\ntrust_level = "trusted"\n`);
  execaSync('git', ['init', '-q', work]);
  fs.writeFileSync(path.join(work, 'added.txt'), 'one\n');
  const daemon = startChild(process.execPath, [CODEXD, 'app-server', '--listen', listen ?? `unix://${user}/s.sock`], {
    cwd: work,
    env: { CODEX_HOME: home, HOME: user },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let banner = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => (banner += text));
  t.teardown(async () => {
    tmux('kill-server');
    await ended(daemon);
    await model.close();
  });
  let opened = 0;
  /** A tmux server of its own for every start: one that is ending takes no new session. */
  const server = (): string => `codexd-test-${process.pid}-${path.basename(path.dirname(home))}-${opened}`;
  const tmux = (...args: string[]): string => {
    try {
      return execaSync('tmux', ['-L', server(), ...args], {
        stdio: ['ignore', 'pipe', 'ignore'],
        stripFinalNewline: false,
      }).stdout;
    } catch {
      return '';
    }
  };
  await until(() => listening(banner, home, user), 'the daemon to listen');
  const flags = remote(banner, user);
  // A client with a home of its own, unless it finds the daemon by the home that they share.
  const own = path.join(user, 'client');
  fs.mkdirSync(own);
  fs.copyFileSync(path.join(home, 'config.toml'), path.join(own, 'config.toml'));
  const clientHome = flags.length === 0 ? home : own;
  const open = (...args: readonly string[]): void => {
    opened++;
    const words = ['env', `CODEX_HOME=${clientHome}`, `HOME=${user}`, 'TERM=xterm-256color', process.execPath, codex!];
    const line = [...words, ...args, ...flags, '-C', work].map((word) => `'${word}'`).join(' ');
    tmux('new-session', '-d', '-s', 'a', '-x', '140', '-y', '45', `${line}; echo EXIT $?; sleep 60`);
  };
  const screen = (): string => tmux('capture-pane', '-p', '-t', 'a');
  const sees = (pattern: RegExp): Promise<void> =>
    until(() => pattern.test(screen()), `${pattern} on the screen`).catch((error: Error) => {
      throw new Error(`${error.message}:\n${screen()}`);
    });
  const key = async (name: string): Promise<void> => {
    tmux('send-keys', '-t', 'a', name);
    await elapse(TYPING_MS, 'a person types no faster');
  };
  const type = async (text: string): Promise<void> => {
    tmux('send-keys', '-t', 'a', '-l', text);
    await elapse(TYPING_MS, 'a person types no faster');
    await key('Enter');
  };
  return { home, open, close: () => tmux('kill-server'), sees, key, type };
}

/** Typing and Enter too close together count as pasting. */
const TYPING_MS = 600;

function listening(banner: string, home: string, user: string): boolean {
  const sockets = [path.join(user, 's.sock'), path.join(home, 'app-server-control', 'app-server-control.sock')];
  return /listening on: ws:/.test(banner) || sockets.some((file) => fs.existsSync(file));
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  // A second one ends a daemon that waits for its turns: an interrupted client may have left one.
  const again = setTimeout(() => child.kill('SIGTERM'), 2000);
  await gone;
  clearTimeout(again);
}

const WAYS: readonly [string, string | null, (banner: string, user: string) => readonly string[]][] = [
  ['over a WebSocket', 'ws://127.0.0.1:0', (banner) => ['--remote', /listening on: (ws:\S+)/.exec(banner)?.[1] ?? '']],
  ['over a unix socket', null, (_banner, user) => ['--remote', `unix://${user}/s.sock`]],
  ['over the control socket, which it finds by itself', 'unix://', () => []],
];

for (const version of skip === false ? versions : ['of any version'])
  for (const [how, listen, remote] of WAYS) {
    t.test(`${version} ${how}: prompt, approval, interrupt, /diff, resume`, { skip }, async (t) => {
      const { home, open, close, sees, key, type } = await terminal(t, official(version), listen, remote);
      open();
      await sees(/To get started|shortcuts/);
      await elapse(4000, 'it takes keys only a moment after it has drawn itself');
      await type('hello');
      await sees(/hello from the model/);
      await type('escalate');
      await sees(/Would you like to run/);
      await key('y');
      await sees(/the tool has run/);
      await type('wait');
      await sees(/esc to interrupt/i);
      await key('Escape');
      await sees(/interrupted/i);
      await type('/diff');
      await sees(/added\.txt/);
      await key('q');
      await type('/quit');
      await sees(/EXIT 0/);
      close();

      const [file = ''] = fs
        .readdirSync(path.join(home, 'sessions'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.includes('rollout-'));
      open('resume', /[0-9a-f-]{36}(?=\.jsonl)/.exec(file)?.[0] ?? '');
      await sees(/the tool has run/);
      await elapse(4000, 'it takes keys only a moment after it has drawn itself');
      await type('again');
      await sees(/again[^]*hello from the model/);
      t.pass('the whole conversation was held');
    });
  }
