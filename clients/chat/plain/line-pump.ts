/**
 * Decides what each line of the person is: the answer to a list or a question, a command, or a message.
 *
 * From a pipe, a line waits until the turn before it has ended, and an open question takes the next line. On a terminal
 * a line that comes while a turn runs is added to the turn. A command runs also while a question is open; the lines
 * after it wait for its end. At the end of input, questions are refused.
 */
import { commandBesides, parseInput, type Parsed } from '../commands/slash-commands.js';
import type { Dialogs } from './dialogs.js';

export interface PumpTargets {
  /** Lines come from a person's terminal, not from a pipe. */
  readonly isTerminal: boolean;
  /** A turn runs, or is about to. */
  isBusy(): boolean;
  /** A message may be without text. */
  hasImages(): boolean;
  readonly dialogs: Pick<Dialogs, 'open' | 'take' | 'remind'>;
  /** Neither of both rejects. */
  command(command: Exclude<Parsed, { kind: 'message' }>): Promise<void>;
  send(text: string): Promise<void>;
  /** The input has ended while a question is open: nobody can answer. */
  refuseAll(): void;
  /** The input has ended, and everything is done. */
  finish(): void;
}

export interface LinePump {
  line(line: string): void;
  end(): void;
  /** The session is open: before, only lists take lines. */
  opened(): void;
  /** Something has changed: a turn has ended, a dialog is open. */
  pump(): void;
}

export function createLinePump(targets: PumpTargets): LinePump {
  const { dialogs, isTerminal, isBusy, hasImages } = targets;
  const waiting: string[] = [];
  let atEnd = false;
  let isOpen = false;
  /** A command of the person runs. `besides`: a question was open when it began. */
  let running: { readonly besides: boolean } | null = null;

  const command = async (parsed: Exclude<Parsed, { kind: 'message' }>, besides: boolean): Promise<void> => {
    running = { besides };
    await targets.command(parsed);
    running = null;
    if (besides) dialogs.remind();
    pump();
  };
  /** A line that ends with a backslash is continued. Null: none is complete. */
  const nextMessage = (): string | null => {
    const end = waiting.findIndex((line) => !line.endsWith('\\'));
    if (end < 0 && !atEnd) return null;
    const lines = waiting.splice(0, end < 0 ? waiting.length : end + 1);
    return lines.length === 0 ? null : lines.map((line) => line.replace(/\\$/, '')).join('\n');
  };
  /** Uses one line for what is open. False: there is no line that can be used now. */
  const answer = (open: 'list' | 'question'): boolean => {
    // The command that was typed besides the question may open a list, which gets the next line.
    if (open === 'question' && running?.besides === true) return false;
    const line = waiting.shift();
    if (line === undefined) {
      if (!atEnd) return false;
      // An empty line chooses nothing.
      if (open === 'list') dialogs.take('');
      else targets.refuseAll();
      return true;
    }
    const besides = open === 'question' ? commandBesides(line) : null;
    if (besides === null) dialogs.take(line);
    else void command(besides, true);
    return true;
  };
  /** Uses a line as a message or a command. False: there is nothing that can be used now. */
  const begin = (): boolean => {
    if (!isOpen || running !== null || (isBusy() && !isTerminal)) return false;
    const text = nextMessage();
    if (text === null) {
      if (atEnd && !isBusy()) targets.finish();
      return false;
    }
    if (text.trim() === '' && !hasImages()) return true;
    const parsed = parseInput(text);
    if (parsed.kind === 'message') void targets.send(parsed.text).then(pump);
    else void command(parsed, false);
    return true;
  };
  function pump(): void {
    // Each turn of the loop uses a line, or ends the last question.
    while (dialogs.open === null ? begin() : answer(dialogs.open));
  }
  return {
    line(line) {
      waiting.push(line);
      pump();
    },
    end() {
      atEnd = true;
      pump();
    },
    opened() {
      isOpen = true;
      pump();
    },
    pump,
  };
}
