/**
 * The chat as lines: reads lines, prints plain text. For pipes, simple terminals and screen readers.
 *
 * From a pipe, a line waits until the turn before it has ended, and an open question takes the next line. On a terminal
 * a line that comes while a turn runs is added to the turn. At the end of input, questions are refused.
 */
import readline from 'node:readline';
import type { Client } from '../../typescript/index.js';
import { parseInput, type Parsed } from '../commands/slash-commands.js';
import type { ChatRun, CommandHost } from '../commands/command-host.js';
import { runSlashCommand } from '../commands/run-command.js';
import type { OpenQuestion } from '../questions/question-desk.js';
import type { ChatEvents } from '../session/chat-events.js';
import { createSession, type UserInput } from '../session/chat-session.js';
import { askList, askQuestion, type Dialog } from './plain-question.js';
import { createPlainPrinter, usageLine } from './plain-printer.js';

export interface ChatStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly write: (text: string) => void;
  /** Calls back for each interrupt of the terminal (Ctrl-C). Returns what removes it. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** Exit codes are those of `codexd exec`. */
const FAILED = 1;
const INTERRUPTED = 130;

/** Resolves to the exit code. Rejects when the thread cannot be opened. */
export async function runPlain(client: Client, run: ChatRun, streams: ChatStreams): Promise<number> {
  const { input, write, onInterrupt } = streams;
  const printer = createPlainPrinter(write);
  const waiting: string[] = [];
  let atEnd = false;
  /** A message was sent, and its turn has not ended. */
  let sending = false;
  /** A command of the person runs, or the thread is being opened: messages wait. */
  let commanding = true;
  let dialog: { readonly of: OpenQuestion | null; readonly dialog: Dialog } | null = null;
  let images: readonly UserInput[] = run.images;
  let code = 0;
  let interrupts = 0;
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => (finish = resolve));

  const events: ChatEvents = {
    opened: (state, turns) => printer.opened(state, turns),
    stateChanged(state) {
      if (state.connection !== 'closed') return;
      printer.note('error', 'the server has ended');
      finish(FAILED);
    },
    turnEnded({ status, error }) {
      sending = false;
      if (error) printer.note('error', error.message);
      if (status === 'interrupted') printer.say('the turn was interrupted');
      code = status === 'completed' ? 0 : status === 'interrupted' && interrupts > 0 ? INTERRUPTED : FAILED;
      interrupts = 0;
      const usage = usageLine(session.state);
      if (usage !== '') printer.say(usage);
      pump();
    },
    itemStarted: (item) => printer.started(item),
    itemGrew: (growth) => printer.grew(growth),
    itemCompleted: (item) => printer.completed(item, item.type === 'userMessage' && session.isOwn(item.clientId)),
    plan: (plan, explanation) => printer.plan(plan, explanation),
    note: (tone, text) => printer.note(tone, text),
    questionChanged(first) {
      if (first !== null) {
        if (first.itemId !== null) printer.showChanges(first.itemId);
        dialog = { of: first, dialog: askQuestion(first, printer.say) };
      } else if (dialog?.of) dialog = null;
      pump();
    },
    questionWithdrawn: ({ title }) => printer.say(`settled elsewhere, or no longer needed: ${title}`),
    questionDeclined: (text) => printer.note('warning', text),
  };
  const session = createSession(client, run, events);
  const host: CommandHost = {
    say: printer.say,
    complain: (text) => printer.note('error', text),
    showDiff: printer.say,
    pick: (title, choices) =>
      new Promise((resolve) => {
        dialog = { of: null, dialog: askList(title, choices, printer.say, resolve) };
        pump();
      }),
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
    try {
      await session.send(text, withIt);
    } catch (error) {
      sending = false;
      code = FAILED;
      printer.note('error', error instanceof Error ? error.message : String(error));
    }
  };
  const command = async (parsed: Exclude<Parsed, { kind: 'message' }>): Promise<void> => {
    commanding = true;
    if (parsed.kind === 'unknown') code = FAILED;
    await runSlashCommand(parsed, session, host);
    commanding = false;
    pump();
  };
  const isBusy = (): boolean => sending || session.state.turnId !== null;

  /** Uses the lines that can be used now. */
  function pump(): void {
    for (;;) {
      if (dialog !== null) {
        const line = waiting.shift();
        if (line !== undefined) {
          const { dialog: current } = dialog;
          // Settling a question shows the next one, which replaces the dialog.
          if (current.take(line) && dialog?.dialog === current) dialog = null;
          continue;
        }
        if (!atEnd) return;
        return endOfInput();
      }
      if (commanding || (isBusy() && input.isTTY !== true)) return;
      const text = nextMessage();
      if (text === null) {
        if (atEnd && waiting.length === 0 && !isBusy()) finish(code);
        return;
      }
      if (text.trim() === '' && images.length === 0) continue;
      const parsed = parseInput(text);
      if (parsed.kind !== 'message') {
        void command(parsed);
        return;
      }
      void send(parsed.text).then(pump);
    }
  }

  /** A line that ends with a backslash is continued. Null: none is complete. */
  function nextMessage(): string | null {
    const end = waiting.findIndex((line) => !line.endsWith('\\'));
    if (end < 0 && !atEnd) return null;
    const lines = waiting.splice(0, end < 0 ? waiting.length : end + 1);
    return lines.length === 0 ? null : lines.map((line) => line.replace(/\\$/, '')).join('\n');
  }

  function endOfInput(): void {
    const current = dialog;
    if (current?.of === null) {
      dialog = null;
      current.dialog.take('');
      return;
    }
    printer.say('refused: the input has ended, so nobody can answer');
    dialog = null;
    session.desk.refuseAll();
  }

  const reader = readline.createInterface({ input, crlfDelay: Infinity, terminal: false });
  const stopInterrupts = onInterrupt(() => {
    interrupts += 1;
    if (interrupts > 1 || !isBusy()) return finish(INTERRUPTED);
    printer.say('interrupting; once more leaves');
    session.interrupt().catch((error: Error) => printer.note('error', error.message));
  });
  try {
    reader.on('line', (line) => {
      waiting.push(line);
      pump();
    });
    reader.on('close', () => {
      atEnd = true;
      pump();
    });
    await run.open(session, host);
    commanding = false;
    if (run.prompt !== null) await send(run.prompt);
    pump();
    return await finished;
  } finally {
    stopInterrupts();
    reader.close();
    await session.close();
  }
}
