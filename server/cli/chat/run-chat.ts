/** `codexd chat`: connects to a server, and runs the conversation in the form that the terminal can show. */
import { findSession, lastSession } from '../../../clients/chat/commands/find-session.js';
import type { ChatRun } from '../../../clients/chat/commands/command-host.js';
import { runPlain } from '../../../clients/chat/plain/run-plain.js';
import { runScreen } from '../../../clients/chat/screen/run-screen.js';
import { readImage } from '../../../clients/chat/session/images.js';
import { visibleText } from '../../../clients/chat/text/safe-text.js';
import { NETWORK_APPROVAL_CAPABILITY, ServerError } from '../../../clients/typescript/index.js';
import { isCode } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { CODEXD_VERSION } from '../../package/package-version.js';
import { systemSignals } from '../../system/node/signals.js';
import { assertStrictConfig } from '../exec/assert-strict.js';
import { connectServer } from '../exec/connect-server.js';
import { execError } from '../exec/exec-error.js';
import { withLocalModel } from '../exec/local-model.js';
import type { ParsedCommand } from '../options/command-spec.js';
import { chatOptions, threadWishes, type ChatOptions } from './chat-options.js';

const CLIENT = {
  clientInfo: { name: 'codexd_chat', title: 'codexd chat', version: CODEXD_VERSION },
  capabilities: { experimentalApi: true, extensions: { [NETWORK_APPROVAL_CAPABILITY]: {} } },
};

/** Resolves to the exit code: that of the last turn, as `codexd exec` has it, and 1 when the chat could not start. */
export async function runChat(parsed: ParsedCommand): Promise<number> {
  try {
    return await run(parsed);
  } catch (error) {
    const text = error instanceof ServerError ? `${error.message} (code ${error.code})` : messageOf(error);
    // The errors of the command line are complete sentences already.
    process.stderr.write(`${visibleText(isCode(error, 'cli.exec') ? text : `Error: ${text}`)}\n`);
    return 1;
  }
}

async function run(parsed: ParsedCommand): Promise<number> {
  const asked = chatOptions(parsed);
  await assertStrictConfig(asked.server, parsed);
  const options = { ...asked, server: await withLocalModel(asked.server, asked.earlier === null, parsed) };
  const { server } = options;
  const sendsImages = server.remote !== null;
  const images = server.images.map((file) => {
    try {
      return readImage(file, { cwd: process.cwd(), sends: sendsImages }).input;
    } catch (error) {
      throw execError(`\`--image ${messageOf(error)}\``);
    }
  });
  let log = (line: string): void => void process.stderr.write(`${visibleText(line)}\n`);
  const wanted = { client: CLIENT, source: 'cli', reconnects: true } as const;
  const client = await connectServer(server, parsed, wanted, (line) => log(line));
  const chat: ChatRun = {
    wishes: threadWishes(options, parsed),
    ephemeral: server.ephemeral,
    open: opener(options),
    prompt: options.prompt,
    images,
    sendsImages,
  };
  try {
    if (options.plain || !isScreen()) return await runPlain(client, chat, plainStreams());
    return await runScreen(client, chat, {
      environment: process.env,
      onEnd: (listener) => onSignals(systemSignals().ends, listener),
      takeLog: (listener) => (log = listener),
    });
  } finally {
    await client.close();
  }
}

function opener({ earlier, server }: ChatOptions): ChatRun['open'] {
  return async (session, host) => {
    if (earlier === null) return session.start();
    const id =
      earlier.kind === 'last'
        ? await lastSession(session.client, earlier.anywhere ? null : server.cwd)
        : await findSession(session.client, earlier.session, host);
    if (id === null) throw execError('No session was chosen.');
    await session.resume(id);
  };
}

/** Both ends are a terminal that can move the cursor. */
const isScreen = (): boolean =>
  process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.TERM !== 'dumb';

function onSignals(signals: readonly NodeJS.Signals[], listener: () => void): () => void {
  for (const signal of signals) process.on(signal, listener);
  return () => signals.forEach((signal) => process.off(signal, listener));
}

function plainStreams(): Parameters<typeof runPlain>[2] {
  return {
    input: process.stdin,
    write: (text) => void process.stdout.write(text),
    onInterrupt: (listener) => onSignals(systemSignals().interrupts, listener),
    onUnheard(listener) {
      // It stays: the last lines may be written after the end of the chat.
      let heard = listener;
      process.stdout.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
        heard();
      });
      return () => (heard = () => {});
    },
  };
}
