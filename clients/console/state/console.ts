/** All state of the page for one connection to the daemon, and its refresh when the connection is a new one. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { createCommands, type Commands } from './commands.js';
import { createConfiguration, type Configuration } from './configuration.js';
import { createDecisions, type Decisions } from './decisions.js';
import { say } from './notices.js';
import { createOverview, type Overview } from './overview.js';
import type { ProtocolLog } from './protocol-log.js';
import { createQuestions, type Questions } from './questions/questions.js';
import type { Server } from '../connection/server.js';
import { createShownThread, type ShownThread } from './shown-thread.js';
import { createThreads, type Threads } from './threads.js';

export interface Console {
  readonly server: Server;
  readonly questions: Questions;
  readonly decisions: Decisions;
  readonly commands: Commands;
  readonly threads: Threads;
  readonly thread: ShownThread;
  readonly overview: Overview;
  readonly configuration: Configuration;
  readonly log: ProtocolLog;
  refresh(): Promise<void>;
}

export function createConsole(server: Server, log: ProtocolLog): Console {
  const questions = createQuestions(server);
  const decisions = createDecisions(server);
  const commands = createCommands(server);
  const threads = createThreads(server);
  const thread = createShownThread(server);
  const overview = createOverview(server);
  const configuration = createConfiguration(server);
  const refresh = async (): Promise<void> => {
    const parts = [questions, decisions, commands, threads, overview].map((part) => part.refresh());
    const outcomes = await Promise.allSettled([...parts, thread.reconnected()]);
    // One reason refuses several of them, for example a daemon that allows no operators.
    const reasons = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [String(outcome.reason.message)] : [],
    );
    if (reasons.length > 0) say('bad', `Not everything can be shown. ${[...new Set(reasons)].join(' ')}`);
  };
  // The page read too slowly, and the daemon left notifications out.
  server.onNotification('operator/lagged', () => void refresh());
  return { server, questions, decisions, commands, threads, thread, overview, configuration, log, refresh };
}

export const ConsoleContext = createContext<Console | null>(null);

/** The console of this page. Throws outside of the connected part of the page, which is a fault of the page. */
export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (found === null) throw new Error('there is no console here');
  return found;
}
