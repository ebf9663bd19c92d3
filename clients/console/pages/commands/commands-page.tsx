import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { Empty, PageHead } from '../../parts/page-head.js';
import { nowMs } from '../../state/clock.js';
import { matchingCommands, ownerName, stateOf, type Command } from '../../state/commands.js';
import { useConsole } from '../../state/console.js';
import { addressOf, route } from '../../state/route.js';
import { bytes, commandLine, duration } from '../../text/format.js';
import { CommandDetail } from './command-detail.js';

/** Every command of the daemon, and the open one with its output. */
export function CommandsPage(): JSX.Element {
  const { commands } = useConsole();
  const filter = useSignal('');
  const { id } = route.value;
  const all = commands.all.value;
  const running = all.filter(({ state }) => state === 'running').length;
  const shown = matchingCommands(all, filter.value);
  const open = all.find(({ commandId }) => commandId === id);
  return (
    <>
      <PageHead title="Commands" about={`${running} running, ${all.length - running} ended lately.`} />
      <form class="filters" role="search" aria-label="Filter commands" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          aria-label="Command contains"
          placeholder="Command, folder, owner, profile"
          value={filter.value}
          onInput={({ currentTarget }) => (filter.value = currentTarget.value)}
        />
      </form>
      {open && <CommandDetail key={open.commandId} command={open} />}
      {id !== null && !open && <Empty>This command ended some time ago, and is no longer kept.</Empty>}
      {shown.length === 0 ? (
        <Empty>{all.length === 0 ? 'No command runs.' : 'No command matches the filter.'}</Empty>
      ) : (
        <ul class="rows">
          {shown.map((command) => (
            <Row key={command.commandId} command={command} open={command.commandId === id} />
          ))}
        </ul>
      )}
    </>
  );
}

const Row = ({ command, open }: { readonly command: Command; readonly open: boolean }): JSX.Element => {
  const { tone, text } = stateOf(command);
  const { network } = command;
  return (
    <li>
      <a
        class="command-row"
        href={open ? addressOf('commands') : addressOf('commands', command.commandId)}
        aria-current={open ? 'true' : undefined}
      >
        <Badge tone={tone}>{text}</Badge>
        <span class="cut">
          <Exact text={commandLine(command.command)} />
        </span>
        <span class="cut wide faint">
          <Exact text={ownerName(command)} />
        </span>
        <span class="wide faint">{network.access}</span>
        <span class="wide faint number">{bytes(command.outputBytes)}</span>
        <Age command={command} />
      </a>
    </li>
  );
};

/** Only a running command grows older, so only its row is drawn each second. */
const Age = ({ command: { startedAtMs, end } }: { readonly command: Command }): JSX.Element => (
  <span class="faint number">{duration((end === null ? nowMs.value : end.endedAtMs) - startedAtMs)}</span>
);
