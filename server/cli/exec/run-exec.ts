/**
 * `codexd exec`: starts a server, runs one turn, and prints the result.
 *
 * Threat: nobody watches the turn. Rule: the approval policy is `never`. An approval request that comes anyway is
 * refused and reported on standard error. A folder that is neither in a repository nor trusted is refused unless the
 * user allows it explicitly.
 */
import { messageOf } from '../../errors/message-of.js';
import { isCode } from '../../errors/codexd-error.js';
import path from 'node:path';
import { ServerError, type Client } from '../../../clients/typescript/index.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { findProjectRoot, trustOf } from '../../config/layers/project-layers.js';
import { createConfigService } from '../../config/settings/config-service.js';
import { CODEXD_VERSION } from '../../package/package-version.js';
import { isWorkingFolderGone, NO_WORKING_FOLDER } from '../../system/files/look.js';
import type { OutputFile } from '../../system/files/output-file.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';
import { openNamedOutput } from '../options/named-file.js';
import { terminalText } from '../output/terminal-text.js';
import { paletteFor, type Paint } from './colors.js';
import { execError } from './exec-error.js';
import type { ExecListener } from './exec-listener.js';
import { execOptions, type ExecOptions } from './exec-options.js';
import { jsonEvents } from './json-events.js';
import { withLocalModel } from './local-model.js';
import { connectServer } from './connect-server.js';
import { assertStrictConfig } from './assert-strict.js';
import { modelOfRun } from './model-of-run.js';
import { openThread, type Earlier } from './open-thread.js';
import { plainOutput } from './plain-output.js';
import { createProgress, NO_PROGRESS } from './progress.js';
import { readPrompt } from './prompt.js';
import { trustProject } from './trust-project.js';
import { reviewLabel, reviewTarget } from './review-target.js';
import { runTurn, type TurnWanted } from './run-turn.js';

export type ExecKind = 'start' | 'resume' | 'fork' | 'review';

/**
 * Resolves to the exit code: 0 when the turn completed, 1 when it failed or could not start, 130 after an interrupt.
 * When the reader of standard output goes away, the process ends with 141.
 */
export async function runExec(kind: ExecKind, parsed: ParsedCommand): Promise<number> {
  try {
    return await run(kind, parsed);
  } catch (error) {
    // The bundle of the program has its own error classes, so the message is created here.
    const line = isCode(error, 'cli.exec') ? `${error.message}\n` : `Error: ${wordsOf(error)}\n`;
    process.stderr.write(terminalText(line, process.stderr));
    return 1;
  }
}

async function run(kind: ExecKind, parsed: ParsedCommand): Promise<number> {
  const asked = execOptions(parsed);
  await assertStrictConfig(asked, parsed);
  if (!asked.skipTrustCheck) assertTrusted(asked, parsed);
  const options = withModelOfRun(
    await withLocalModel(asked, kind === 'start' || kind === 'review', parsed),
    kind,
    parsed,
  );
  const { earlier, argument } = wanted(kind, parsed);
  const review = kind === 'review' ? await reviewTarget(parsed) : null;
  const { text: prompt, late } =
    review === null ? await readPrompt(argument, kind === 'start') : { text: reviewLabel(review), late: null };
  const progress = showsProgress(options) ? createProgress(process.stderr) : NO_PROGRESS;
  const say = (line: string, paint: Paint = (text) => text): void => {
    progress.clear();
    process.stderr.write(`${paint(terminalText(line, process.stderr))}\n`);
  };
  const out = (text: string): void => {
    progress.clear();
    process.stdout.write(terminalText(text, process.stdout));
  };
  const palette = paletteFor(valueOf(parsed, 'color'), process.stderr, process.env);
  const listener = options.json
    ? jsonEvents((line) => out(`${line}\n`))
    : plainOutput({ out, say, oneTerminal: isOneTerminal(), palette, progress });
  const reader = watchReader();
  // Open the file before the first command runs: a command could replace it.
  const output = lastMessageOutput(options);
  try {
    const client = await connectServer(options, parsed, { client: CLIENT, source: 'exec', reconnects: false }, say);
    try {
      reader.onGone(() => void client.close());
      return await talk(client, options, earlier, { prompt, late, review }, { listener, output });
    } catch (error) {
      // The client was closed for want of a reader.
      if (!reader.isGone) throw error;
      return UNHEARD;
    } finally {
      // The server, and with it the turn, ends before this process.
      await client.close();
    }
  } finally {
    late?.stop();
    progress.stop();
    output?.close();
    reader.atEnd();
  }
}

interface Reader {
  /** It has closed standard output. */
  readonly isGone: boolean;
  /** Called once, at once if it is gone. */
  onGone(end: () => void): void;
  /** From now on there is nothing left to end: the process ends when the reader is gone. */
  atEnd(): void;
}

/** Of standard output. */
function watchReader(): Reader {
  let isGone = false;
  let end = (): void => {};
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !isGone) throw error;
    if (isGone) return;
    isGone = true;
    end();
  });
  return {
    get isGone() {
      return isGone;
    },
    onGone(wanted) {
      end = wanted;
      if (isGone) end();
    },
    atEnd() {
      end = () => process.exit(UNHEARD);
      if (isGone) end();
    },
  };
}

/** Only a terminal can erase a line. */
const showsProgress = ({ json }: ExecOptions): boolean =>
  !json && process.stderr.isTTY === true && process.env.TERM !== 'dumb';

/** The same person reads both streams, so text on one is not repeated on the other. */
const isOneTerminal = (): boolean => process.stdout.isTTY === true && process.stderr.isTTY === true;

/** Throws `cli.exec`. */
function lastMessageOutput({ lastMessageFile: file, cwd, addedFolders }: ExecOptions): OutputFile | null {
  if (file === null) return null;
  try {
    return openNamedOutput(file, 0o666, cwd === null ? addedFolders : [cwd, ...addedFolders]);
  } catch (error) {
    throw execError(`\`--output-last-message ${file}\` cannot be written: ${messageOf(error)}`);
  }
}

async function talk(
  client: Client,
  options: ExecOptions,
  earlier: Earlier | null,
  turn: Pick<TurnWanted, 'prompt' | 'late' | 'review'>,
  { listener, output }: { readonly listener: ExecListener; readonly output: OutputFile | null },
): Promise<number> {
  /** Lines that came before the thread was known. They are printed after it. */
  const early: string[] = [];
  const dispose = [
    client.onNotification('configWarning', ({ summary }) => void early.push(summary)),
    client.onNotification('warning', ({ message }) => void early.push(message)),
  ];
  if (options.trust && options.cwd !== null) await trustProject(client, options.cwd);
  const thread = await openThread(client, options, earlier);
  listener.opened(thread, turn.prompt);
  for (const undo of dispose) undo();
  for (const message of early) listener.warning(message);
  const end = await runTurn(client, { threadId: thread.id, ...turn, options, listener });
  if (output !== null) {
    if (end.lastMessage === null) {
      process.stderr.write(`warning: there is no last message: ${options.lastMessageFile} is empty\n`);
    }
    output.replace(end.error === null ? (end.lastMessage ?? '') : '');
  }
  return end.interrupted ? INTERRUPTED : end.error === null ? 0 : 1;
}

/** Shells expect this code after Ctrl-C: 128 + SIGINT. */
const INTERRUPTED = 130;
/** Shells expect this code when the reader of a pipe goes away: 128 + SIGPIPE. */
const UNHEARD = 141;

const CLIENT = {
  clientInfo: { name: 'codex_exec', title: 'codexd exec', version: CODEXD_VERSION },
  capabilities: { experimentalApi: true },
};

/** The session and the prompt. */
function wanted(kind: ExecKind, parsed: ParsedCommand): { earlier: Earlier | null; argument: string | null } {
  const [first = null, second = null] = parsed.trailing;
  if (kind === 'start' || kind === 'review') return { earlier: null, argument: first };
  const anywhere = isGiven(parsed, 'all');
  if (isGiven(parsed, 'last')) {
    if (second !== null) throw execError('With --last only a prompt is given, no session.');
    return { earlier: { kind, session: null, anywhere }, argument: first };
  }
  if (first === null) throw execError(`Which session? Give its id or its name, or --last.`);
  return { earlier: { kind, session: first, anywhere }, argument: second };
}

/** With an earlier session: the model that was said for this run. A server of --remote has its own configuration. */
function withModelOfRun(options: ExecOptions, kind: ExecKind, parsed: ParsedCommand): ExecOptions {
  const { model, cwd, remote } = options;
  if ((kind !== 'resume' && kind !== 'fork') || model !== null || cwd === null || remote !== null) return options;
  return { ...options, model: modelOfRun(parsed, cwd) };
}

/** Throws `cli.exec` in a folder that is neither in a Git repository nor trusted by the configuration. */
function assertTrusted({ cwd, trust }: ExecOptions, parsed: ParsedCommand): void {
  if (cwd === null || trust || findProjectRoot(cwd, ['.git']) !== null) return;
  const codexHome = resolveCodexHome();
  const source = createConfigService({ codexHome, commandLine: commandLineConfig(parsed), cwd });
  const { table } = source.resolve(cwd).effective;
  if (trustOf(cwd, cwd, table, path.join(codexHome, 'config.toml')).level === 'trusted') return;
  throw execError('Not inside a trusted directory and --skip-git-repo-check was not specified.');
}

/** The words for the terminal: what a server refused has its JSON-RPC code. */
const wordsOf = (error: unknown): string => {
  if (isWorkingFolderGone(error)) return NO_WORKING_FOLDER;
  return error instanceof ServerError ? `${error.message} (code ${error.code})` : messageOf(error);
};
