/** The chat as lines: reads lines, prints plain text. For pipes, simple terminals and screen readers. */
import readline from 'node:readline';
import type { Client } from '../../typescript/index.js';
import type { ChatRun, CommandHost } from '../commands/command-host.js';
import { runSlashCommand } from '../commands/run-command.js';
import type { ChatEvents } from '../session/chat-events.js';
import { createSession, type UserInput } from '../session/chat-session.js';
import { FAILED, INTERRUPTED, turnCode, UNHEARD } from '../session/exit-codes.js';
import { createDialogs } from './dialogs.js';
import { createLinePump } from './line-pump.js';
import { createPlainPrinter, usageLine } from './plain-printer.js';

export interface ChatStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly write: (text: string) => void;
  /** Calls back for each interrupt of the terminal (Ctrl-C). Returns what removes it. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Calls back when nobody reads what is written. Returns what removes it. */
  readonly onUnheard: (listener: () => void) => () => void;
}

/** Resolves to the exit code. Rejects when the thread cannot be opened. */
export async function runPlain(client: Client, run: ChatRun, streams: ChatStreams): Promise<number> {
  const { input, write, onInterrupt, onUnheard } = streams;
  const printer = createPlainPrinter(write);
  /** The session is open. */
  let isOpen = false;
  /** Messages whose request has no response yet. */
  let requests = 0;
  /** A message was sent, and its turn has not ended. */
  let sending = false;
  /** The turn that ran last. */
  let lastTurn: string | null = null;
  let isLost = false;
  let images: readonly UserInput[] = run.images;
  let code = 0;
  let interrupts = 0;
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => (finish = resolve));

  const events: ChatEvents = {
    opened(state, turns) {
      printer.opened(state, turns);
      const wasLost = isLost;
      isLost = false;
      if (!wasLost || requests > 0 || state.turnId !== null) return;
      // The connection was lost, and the end of the turn with it.
      if (sending) code = turnCode(turns.find(({ id }) => id === lastTurn)?.status ?? 'failed', interrupts > 0);
      sending = false;
      lines.pump();
    },
    stateChanged(state) {
      isLost = state.connection === 'reconnecting';
      lastTurn = state.turnId ?? lastTurn;
      if (state.connection !== 'closed') return;
      printer.note('error', 'the server has ended');
      finish(FAILED);
    },
    turnEnded({ status, error }) {
      sending = false;
      if (error) printer.note('error', error.message);
      if (status === 'interrupted') printer.say('the turn was interrupted');
      code = turnCode(status, interrupts > 0);
      interrupts = 0;
      const usage = usageLine(session.state);
      if (usage !== '') printer.say(usage);
      lines.pump();
    },
    itemStarted: (item) => printer.started(item),
    itemGrew: (growth) => printer.grew(growth),
    itemCompleted: (item) => printer.completed(item, item.type === 'userMessage' && session.isOwn(item.clientId)),
    plan: (plan, explanation) => printer.plan(plan, explanation),
    note: (tone, text) => printer.note(tone, text),
    questionChanged: (first) => dialogs.ask(first),
    questionWithdrawn: ({ title }) => printer.say(`settled elsewhere, or no longer needed: ${title}`),
    questionDeclined: (text) => printer.note('warning', text),
  };
  const session = createSession(client, run, events);
  const isBusy = (): boolean => sending || session.state.turnId !== null;
  const dialogs = createDialogs({
    say: (text) => printer.say(text),
    showChanges: (itemId) => printer.showChanges(itemId),
    changed: () => lines.pump(),
  });
  const host: CommandHost = {
    say: (text) => printer.say(text),
    complain: (text) => printer.note('error', text),
    showDiff: (text) => printer.say(text),
    pick: (title, choices) => dialogs.pick(title, choices),
    attach(image, name) {
      images = [...images, image];
      printer.say(`goes with the next message: ${name}`);
    },
    quit: () => finish(code),
    keys: ['A line that ends with \\ continues on the next one.', 'Ctrl-C interrupts the turn; Ctrl-D leaves.'],
    sendsImages: run.sendsImages,
  };
  const send = async (text: string): Promise<void> => {
    const withIt = images;
    images = [];
    sending = true;
    requests += 1;
    try {
      await session.send(text, withIt);
    } catch (error) {
      sending = false;
      code = FAILED;
      printer.note('error', error instanceof Error ? error.message : String(error));
    } finally {
      requests -= 1;
    }
  };
  const lines = createLinePump({
    isTerminal: input.isTTY === true,
    isBusy,
    hasImages: () => images.length > 0,
    dialogs,
    async command(command) {
      if (command.kind === 'unknown') code = FAILED;
      await runSlashCommand(command, session, host);
    },
    send,
    refuseAll() {
      printer.say('refused: the input has ended, so nobody can answer');
      session.desk.refuseAll();
    },
    finish: () => finish(code),
  });

  const reader = readline.createInterface({ input, crlfDelay: Infinity, terminal: false });
  const dispose = [
    onInterrupt(() => {
      interrupts += 1;
      if (interrupts > 1 || !isOpen || !isBusy()) return finish(INTERRUPTED);
      printer.say('interrupting; once more leaves');
      session.interrupt().catch((error: Error) => printer.note('error', error.message));
    }),
    onUnheard(() => finish(UNHEARD)),
  ];
  const talk = async (): Promise<number> => {
    await run.open(session, host);
    isOpen = true;
    if (run.prompt !== null) await send(run.prompt);
    lines.opened();
    return finished;
  };
  try {
    reader.on('line', (line) => lines.line(line));
    reader.on('close', () => lines.end());
    // The person may leave before the session is open.
    return await Promise.race([talk(), finished]);
  } finally {
    for (const undo of dispose) undo();
    reader.close();
    await session.close();
  }
}
