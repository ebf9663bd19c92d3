/** All commands of the daemon: the running ones, and the last ones that ended. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { RequestResult } from '../../../schema/registry.js';
import { commandLine } from '../text/format.js';
import type { Server } from '../connection/server.js';

export type Command = RequestResult<'operator/commands/list'>['data'][number];

export interface Commands {
  /** Running ones first, then the newest that ended. */
  readonly all: ReadonlySignal<readonly Command[]>;
  refresh(): Promise<void>;
}

/** Of those that ended. */
const KEPT_ENDED = 200;

export function createCommands(server: Server): Commands {
  const all = signal<readonly Command[]>([]);
  const show = (commands: Iterable<Command>): void => {
    const list = [...commands];
    const running = list.filter(({ state }) => state === 'running').sort((a, b) => b.startedAtMs - a.startedAtMs);
    const ended = list
      .filter(({ state }) => state === 'ended')
      .sort((a, b) => (b.end?.endedAtMs ?? 0) - (a.end?.endedAtMs ?? 0));
    all.value = [...running, ...ended.slice(0, KEPT_ENDED)];
  };
  server.onNotification('operator/commands/changed', ({ data }) => {
    const known = new Map(all.value.map((command) => [command.commandId, command]));
    for (const command of data) known.set(command.commandId, command);
    show(known.values());
  });
  return {
    all,
    refresh: async () => show((await server.request('operator/commands/list', {})).data),
  };
}

export function matchingCommands(commands: readonly Command[], filter: string): readonly Command[] {
  const text = filter.trim().toLowerCase();
  return text === ''
    ? commands
    : commands.filter((command) =>
        [commandLine(command.command), command.cwd, command.commandId, command.profile ?? '', ownerName(command)].some(
          (value) => value.toLowerCase().includes(text),
        ),
      );
}

export const ownerName = ({ owner }: Pick<Command, 'owner'>): string =>
  owner.kind === 'thread'
    ? (owner.mcpServer ?? owner.threadId)
    : (owner.clientName ?? `connection ${owner.connectionId}`);

const CAUSES = {
  exit: 'exit code',
  timeout: 'timeout, exit code',
  terminate: 'terminated, exit code',
  ownerGone: 'owner gone, exit code',
  denial: 'denied, exit code',
} as const;

/** The state of a command in a few words. */
export function stateOf({ state, end }: Pick<Command, 'state' | 'end'>): {
  readonly tone: 'active' | 'good' | 'bad' | 'warn';
  readonly text: string;
} {
  if (state === 'running' || end === null) return { tone: 'active', text: 'running' };
  const tone = end.cause === 'exit' ? (end.exitCode === 0 ? 'good' : 'bad') : end.cause === 'denial' ? 'bad' : 'warn';
  return { tone, text: `${CAUSES[end.cause]} ${end.exitCode}` };
}
