import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Command } from '../../state/commands.js';
import { attempt } from '../../state/notices.js';
import type { WatchedCommand } from '../../state/watched-command.js';
import type * as TerminalModule from '../../terminal/terminal.js';

/** The build makes it a file of its own, beside console.js. */
const loadTerminal = (): Promise<typeof TerminalModule> => import('../../terminal/terminal.js');

interface TerminalViewProps {
  readonly command: Command;
  readonly watched: WatchedCommand;
}

/** The terminal of a command. It is loaded when the first one is opened. */
export function TerminalView({ command, watched }: TerminalViewProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const terminal = useRef<TerminalModule.OpenTerminal | null>(null);
  const failure = useSignal<string | null>(null);
  const { stdin } = command;
  useEffect(() => {
    let left = false;
    let unfollow = (): void => {};
    loadTerminal().then(
      ({ openTerminal }) => {
        if (left || place.current === null) return;
        const opened = openTerminal(place.current, {
          columns: watched.size.value?.columns ?? null,
          rows: watched.size.value?.rows ?? null,
          input: stdin,
          onInput: (text) => void attempt('The input was not written', () => watched.write(text)),
        });
        terminal.current = opened;
        unfollow = watched.follow(opened.write);
      },
      (error: Error) => (failure.value = `The terminal cannot be shown: ${error.message}`),
    );
    return () => {
      left = true;
      unfollow();
      terminal.current?.dispose();
    };
  }, [watched]);
  const fit = (): void => {
    const size = terminal.current?.fit();
    if (size) void attempt('The terminal keeps its size', () => watched.resize(size.columns, size.rows));
  };
  return (
    <div class="terminal-frame">
      <div ref={place} class="terminal-place" />
      {failure.value !== null && <p class="reason">{failure.value}</p>}
      {command.state === 'running' && (
        <button type="button" onClick={fit}>
          Resize to this window
        </button>
      )}
    </div>
  );
}
