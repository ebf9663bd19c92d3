/** Runs the commands of a person. Both forms of the chat use it. */
import { usageText } from '../session/thread-state.js';
import type { ChatSession } from '../session/chat-session.js';
import { readImage } from '../session/images.js';
import { visibleLine } from '../text/safe-text.js';
import { chooseApprovals, chooseModel, choosePermissions } from './choose-settings.js';
import type { CommandHost } from './command-host.js';
import { findSession } from './find-session.js';
import { helpLines, type Parsed } from './slash-commands.js';
import { workspaceDiff } from './workspace-diff.js';

/** Never rejects: an error is a line for the person. */
export async function runSlashCommand(
  command: Exclude<Parsed, { kind: 'message' }>,
  session: ChatSession,
  host: CommandHost,
): Promise<void> {
  if (command.kind === 'unknown') {
    host.complain(`there is no command /${command.word}; /help lists them`);
    return;
  }
  try {
    await run(command.name, command.argument, session, host);
  } catch (error) {
    host.complain(`/${command.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

type Name = Extract<Parsed, { kind: 'command' }>['name'];

async function run(name: Name, argument: string, session: ChatSession, host: CommandHost): Promise<void> {
  switch (name) {
    case 'help':
      return host.say([...helpLines(), ...host.keys].join('\n'));
    case 'status':
      return host.say(statusText(session));
    case 'model':
      return chooseModel(argument, session, host);
    case 'permissions':
      return choosePermissions(argument, session, host);
    case 'approvals':
      return chooseApprovals(argument, session, host);
    case 'image': {
      if (argument === '') throw new Error('name a file: /image PATH');
      const { path, input } = readImage(argument, { cwd: process.cwd(), sends: host.sendsImages });
      return host.attach(input, path);
    }
    case 'diff':
      return host.showDiff(await workspaceDiff(session));
    case 'compact':
      await session.client.request('thread/compact/start', { threadId: session.state.id });
      return;
    case 'new':
      assertIdle(session);
      return session.start();
    case 'resume': {
      assertIdle(session);
      const id = await findSession(session.client, argument, host);
      return id === null ? undefined : session.resume(id);
    }
    case 'quit':
      return host.quit();
  }
}

function assertIdle(session: ChatSession): void {
  if (session.desk.first !== null) throw new Error('a question is open: answer it first');
  if (session.state.turnId !== null) throw new Error('a turn is running: interrupt it first, or wait for its end');
}

function statusText({ state, client }: ChatSession): string {
  const rows: readonly (readonly [string, string])[] = [
    ['session', state.name === null ? state.id : `${state.id} (${state.name})`],
    ['model', [state.model, state.effort].filter(Boolean).join(' ')],
    ['provider', state.provider],
    ['permissions', state.permissions],
    ['approvals', state.approvals],
    ['folder', state.cwd],
    ['tokens', usageText(state) || 'none yet'],
    ['server', `${client.server.userAgent}, ${state.connection}`],
  ];
  return rows.map(([label, value]) => `${label.padEnd(12)}${visibleLine(value)}`).join('\n');
}
