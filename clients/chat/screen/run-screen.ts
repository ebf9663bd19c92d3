/** The chat on a terminal: the transcript scrolls, below it are a question or the editor, and the status. */
import { ProcessTerminal, setCapabilities, TUI, type Terminal } from '@earendil-works/pi-tui';
import type { Client } from '../../typescript/index.js';
import type { ChatRun, CommandHost } from '../commands/command-host.js';
import { runSlashCommand } from '../commands/run-command.js';
import { parseInput, type Parsed } from '../commands/slash-commands.js';
import { createSession, type UserInput } from '../session/chat-session.js';
import { FAILED } from '../session/exit-codes.js';
import { changeLines } from '../text/diff-lines.js';
import { visibleLine } from '../text/safe-text.js';
import { stylesFor } from '../text/styles.js';
import { choiceList } from './choice-list.js';
import { createFront } from './front.js';
import { GuardedScreen, part } from './guarded-screen.js';
import { KEYS, keyActions } from './key-actions.js';
import { messageEditor } from './message-editor.js';
import { QuestionPanel } from './question-panel.js';
import { screenEvents } from './screen-events.js';
import { footerLine, FRAME_MS, workingLine } from './status-lines.js';
import { createTranscript } from './transcript.js';
import { TranscriptView } from './transcript-view.js';

export interface ScreenOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal?: Terminal;
  /** Calls back when the process is to end. Returns what removes it. */
  readonly onEnd: (listener: () => void) => () => void;
  /** From now on the server's log goes to this listener, not to the terminal. */
  readonly takeLog: (listener: (line: string) => void) => void;
}

/** Resolves to the exit code, which is that of the last turn. Rejects when the thread cannot be opened. */
export async function runScreen(client: Client, run: ChatRun, options: ScreenOptions): Promise<number> {
  // No sequences but those of colors and of the cursor: links and images are text.
  setCapabilities({ images: null, trueColor: false, hyperlinks: false });
  const styles = stylesFor(options.environment);
  const terminal = options.terminal ?? new ProcessTerminal();
  const tui = new TUI(terminal);
  const transcript = createTranscript();
  const view = new TranscriptView(transcript, styles);
  let images: readonly UserInput[] = run.images;
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => (finish = resolve));
  const draw = (): void => tui.requestRender();
  const redraw = (change: () => void): void => {
    change();
    draw();
  };

  const screen = screenEvents({
    transcript,
    draw,
    finish,
    now: Date.now,
    ask(question, files) {
      if (question === null) return front.ask(null);
      const changes = changeLines(files, styles, null, '');
      const answered = (label: string): void => screen.note('info', `${question.title} ${label}`);
      front.ask(new QuestionPanel({ question, styles, changes, now: Date.now, answered, command }));
    },
  });
  const session = createSession(client, run, screen.events);
  const host: CommandHost = {
    say: (text) => redraw(() => transcript.add({ kind: 'text', text })),
    complain: (text) => screen.note('error', text),
    showDiff: (text) => redraw(() => transcript.add({ kind: 'diff', text })),
    pick: (title, choices) => front.pick(title, choices),
    attach(image, name) {
      images = [...images, image];
      screen.note('info', `goes with the next message: ${name}`);
    },
    quit: () => finish(screen.code),
    keys: KEYS,
    sendsImages: run.sendsImages,
  };

  const send = async (text: string): Promise<void> => {
    const withIt = images;
    images = [];
    if (session.state.turnId !== null) screen.note('info', `goes to the running turn: ${shortened(text)}`);
    try {
      await session.send(text, withIt);
    } catch (error) {
      images = withIt;
      if (editor.getText() === '') editor.setText(text);
      screen.note('error', error instanceof Error ? error.message : String(error));
    }
  };
  /** A message or a command. */
  function submit(text: string): void {
    if (text.trim() === '' && images.length === 0) return;
    const parsed = parseInput(text);
    if (!isOpen && parsed.kind === 'message') {
      editor.setText(text);
      return screen.note('warning', 'the session is not open yet');
    }
    editor.addToHistory(text);
    if (parsed.kind === 'message') void send(parsed.text).then(draw);
    else command(parsed);
  }
  function command(parsed: Exclude<Parsed, { kind: 'message' }>): void {
    void runSlashCommand(parsed, session, host).then(draw);
  }
  const editor = messageEditor(tui, { styles, isElsewhere: run.sendsImages, submit });
  const front = createFront({
    editor,
    list: (title, choices, done) => choiceList(title, choices, styles, done),
    focus(component) {
      tui.setFocus(component);
      draw();
    },
  });

  tui.addChild(
    new GuardedScreen(() => [
      view,
      part(() =>
        isOpen
          ? workingLine(session.state, { sinceMs: screen.turnSince, nowMs: Date.now(), waits: waits() }, styles)
          : [styles.dim('connecting')],
      ),
      front.shown,
      part(() => (isOpen ? [footerLine(session.state, images.length, styles)] : [])),
    ]),
  );
  tui.setFocus(editor);
  let isOpen = false;
  const waits = (): boolean => front.shown !== editor;
  const isRunning = (): boolean => isOpen && session.state.turnId !== null;
  tui.addInputListener(
    keyActions({
      isRunning,
      isEditing: () => !waits() && !editor.isShowingAutocomplete(),
      editorText: () => editor.getText(),
      clearEditor: () => redraw(() => editor.setText('')),
      closeList: () => front.closeList(),
      interrupt() {
        screen.interrupting();
        screen.note('info', 'interrupting; Ctrl-C once more leaves');
        session.interrupt().catch((error: Error) => screen.note('error', error.message));
      },
      hint: () => screen.note('info', 'Ctrl-C once more leaves'),
      leave: () => finish(screen.code),
      toggle: () => redraw(() => (view.expanded = !view.expanded)),
      attach: ({ input, path }) => host.attach(input, path),
      images: { cwd: process.cwd(), sends: run.sendsImages },
      now: Date.now,
    }),
  );
  const animation = setInterval(() => isRunning() && !waits() && draw(), FRAME_MS);
  options.takeLog((line) => screen.note('warning', line));
  const stopEnd = options.onEnd(() => finish(FAILED));
  // Whatever ends the process: the terminal is as it was.
  const restore = (): void => tui.stop();
  process.once('exit', restore);
  tui.start();
  const talk = async (): Promise<number> => {
    await run.open(session, host);
    isOpen = true;
    if (run.prompt !== null) void send(run.prompt).then(draw);
    draw();
    return finished;
  };
  try {
    // The person may leave before the session is open: while a list is shown, or while the server does not answer.
    const result = await Promise.race([talk(), finished]);
    // The last events are drawn before the screen is left.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return result;
  } finally {
    clearInterval(animation);
    stopEnd();
    await terminal.drainInput();
    process.off('exit', restore);
    tui.stop();
    if (isOpen && !run.ephemeral) terminal.write(`codexd chat --resume ${session.state.id} continues this session\r\n`);
    await session.close();
  }
}

/** Characters of a message in a line about it. The transcript shows the whole message when the server has it. */
const MOST_SHOWN = 200;
function shortened(text: string): string {
  const line = visibleLine(text);
  return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN)}…`;
}
