import type { JSX } from 'preact';
import { OutputLine } from '../../parts/output-lines.js';
import { VirtualList } from '../../parts/virtual-list.js';
import type { Command } from '../../state/commands.js';
import type { WatchedCommand } from '../../state/watched-command.js';
import { bytes } from '../../text/format.js';
import { TerminalView } from './terminal-view.js';

/** In pixels, as in the styles. */
const LINE_HEIGHT = 19;

/** The output as lines, or as a terminal if the command has one. */
export function CommandOutput({
  command,
  watched,
}: {
  readonly command: Command;
  readonly watched: WatchedCommand;
}): JSX.Element {
  const skipped = watched.skipped.value;
  const note = skipped > 0 && <p class="faint">{bytes(skipped)} of the output are not here.</p>;
  if (command.terminal)
    return (
      <>
        {note}
        <TerminalView command={command} watched={watched} />
      </>
    );
  const lines = watched.lines.value;
  if (lines.length === 0) return <p class="faint">No output yet.</p>;
  return (
    <>
      {note}
      <VirtualList
        class="output"
        role="log"
        label="Output"
        follow
        count={lines.length}
        rowHeight={LINE_HEIGHT}
        row={(index) => <OutputLine line={lines[index] ?? []} />}
      />
    </>
  );
}
