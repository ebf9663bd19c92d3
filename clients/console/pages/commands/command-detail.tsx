import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { Fact, Facts } from '../../parts/facts.js';
import { Owner } from '../../parts/owner.js';
import { stateOf, type Command } from '../../state/commands.js';
import { useConsole } from '../../state/console.js';
import { attempt, say } from '../../state/notices.js';
import { addressOf } from '../../state/route.js';
import { watchCommand, type WatchedCommand } from '../../state/watched-command.js';
import { bytes, clock, commandLine } from '../../text/format.js';
import { CommandInput } from './command-input.js';
import { CommandOutput } from './command-output.js';
import { ProcessTree } from './process-tree.js';

/** One command: what it is, its output, and what a person may do with it. */
export function CommandDetail({ command }: { readonly command: Command }): JSX.Element {
  const watched = useWatched(command.commandId);
  const { tone, text } = stateOf(command);
  const running = command.state === 'running';
  return (
    <section class="detail command-detail" aria-label="The chosen command">
      <header>
        <h2>
          <Badge tone={tone}>{text}</Badge> <Exact text={command.program} />
        </h2>
        <div class="page-tools">
          {running && watched.command !== null && <Terminate watched={watched.command} />}
          <a class="quiet" href={addressOf('commands')} aria-label="Close">
            ×
          </a>
        </div>
      </header>
      <Exact block text={commandLine(command.command)} />
      <About command={command} />
      {command.end?.denial && (
        <p class="reason">
          Ended because it asked for <Exact text={`${command.end.denial.host}:${command.end.denial.port}`} />.
        </p>
      )}
      {running && <ProcessTree commandId={command.commandId} />}
      {watched.failure !== null && <p class="reason">{watched.failure}</p>}
      {watched.command !== null && <CommandOutput command={command} watched={watched.command} />}
      {watched.command !== null && running && command.stdin && !command.terminal && (
        <CommandInput watched={watched.command} />
      )}
    </section>
  );
}

interface Watched {
  readonly command: WatchedCommand | null;
  readonly failure: string | null;
}

/** Watches the command while it is shown. */
function useWatched(commandId: string): Watched {
  const { server } = useConsole();
  const state = useSignal<Watched>({ command: null, failure: null });
  useEffect(() => {
    let left = false;
    watchCommand(server, commandId).then(
      (command) => {
        if (left) command.close();
        else state.value = { command, failure: null };
      },
      (error: Error) => (state.value = { command: null, failure: error.message }),
    );
    return () => {
      left = true;
      state.peek().command?.close();
    };
  }, [commandId]);
  return state.value;
}

const About = ({ command }: { readonly command: Command }): JSX.Element => {
  const { network } = command;
  return (
    <Facts>
      <Fact label="Owner">
        <Owner owner={command.owner} />
      </Fact>
      <Fact label="Folder">
        <Exact text={command.cwd} />
      </Fact>
      <Fact label="Started">{clock(command.startedAtMs)}</Fact>
      <Fact label="Permissions">
        {command.profile ?? 'of the request'}
        {command.sandboxed ? ', sandboxed' : ', not sandboxed'}
      </Fact>
      <Fact label="Network">
        {network.access}
        {network.lane !== null && `, lane ${network.lane}`}
        {network.access === 'proxied' && `, ${bytes(network.bytesSent)} sent, ${bytes(network.bytesReceived)} received`}
      </Fact>
    </Facts>
  );
};

/** Asks once more on the button itself: a click beside another button must not end a command. */
function Terminate({ watched }: { readonly watched: WatchedCommand }): JSX.Element {
  const sure = useSignal(false);
  if (!sure.value)
    return (
      <button type="button" class="choice-deny" onClick={() => (sure.value = true)}>
        Terminate …
      </button>
    );
  const terminate = async (): Promise<void> => {
    sure.value = false;
    const done = await attempt('The command was not terminated', watched.terminate);
    if (done === false) say('plain', 'The command had ended before.');
  };
  return (
    <>
      <button type="button" class="choice-deny" onClick={() => void terminate()}>
        End it and all it started
      </button>
      <button type="button" ref={(button) => button?.focus()} onClick={() => (sure.value = false)}>
        Back
      </button>
    </>
  );
}
