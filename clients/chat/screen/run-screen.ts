/** The chat on a terminal: the transcript scrolls, below it are a question or the editor, and the status. */
import {
  CombinedAutocompleteProvider,
  Editor,
  ProcessTerminal,
  SelectList,
  setCapabilities,
  TUI,
  type Component,
  type Terminal,
} from '@earendil-works/pi-tui';
import type { Client } from '../../typescript/index.js';
import type { ChatRun, CommandHost, Pickable } from '../commands/command-host.js';
import { runSlashCommand } from '../commands/run-command.js';
import { parseInput, SLASH_COMMANDS } from '../commands/slash-commands.js';
import type { ChatEvents } from '../session/chat-events.js';
import { createSession, type UserInput } from '../session/chat-session.js';
import { changeLines } from '../text/diff-lines.js';
import { visibleLine } from '../text/safe-text.js';
import { stylesFor, type Styles } from '../text/styles.js';
import { GuardedScreen, part } from './guarded-screen.js';
import { KEYS, keyActions } from './key-actions.js';
import { QuestionPanel } from './question-panel.js';
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

const FAILED = 1;

/** Resolves to the exit code, which is that of the last turn. Rejects when the thread cannot be opened. */
export async function runScreen(client: Client, run: ChatRun, options: ScreenOptions): Promise<number> {
  // No sequences but those of colors and of the cursor: links and images are text.
  setCapabilities({ images: null, trueColor: false, hyperlinks: false });
  const styles = stylesFor(options.environment);
  const terminal = options.terminal ?? new ProcessTerminal();
  const tui = new TUI(terminal);
  const transcript = createTranscript();
  const view = new TranscriptView(transcript, styles);
  const editor = new Editor(tui, editorTheme(styles));
  let images: readonly UserInput[] = run.images;
  let code = 0;
  let turnSince = 0;
  /** What is shown instead of the editor. */
  let instead: Component | null = null;
  let picker: Component | null = null;
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => (finish = resolve));
  const draw = (): void => tui.requestRender();
  const show = (component: Component | null): void => {
    instead = component;
    tui.setFocus(component ?? editor);
    draw();
  };

  const events: ChatEvents = {
    opened(state, turns) {
      transcript.reset(turns);
      const hint = turns.length > 0 ? '' : ' /help lists commands and keys.';
      transcript.add({ kind: 'note', tone: 'info', text: `session ${state.id} in ${state.cwd}.${hint}` });
      draw();
    },
    stateChanged(state) {
      if (state.turnId === null) turnSince = 0;
      else turnSince ||= Date.now();
      if (state.connection === 'closed') {
        note('error', 'the server has ended');
        finish(FAILED);
      }
      draw();
    },
    turnEnded({ status, error }) {
      code = status === 'completed' ? 0 : FAILED;
      if (error) note('error', error.message);
      if (status === 'interrupted') note('warning', 'the turn was interrupted');
      draw();
    },
    itemStarted: (item) => redraw(() => transcript.put(item)),
    itemGrew: (growth) => redraw(() => transcript.grow(growth)),
    itemCompleted: (item) => redraw(() => transcript.put(item)),
    plan: (plan, explanation) => redraw(() => transcript.plan(plan, explanation)),
    note: (tone, text) => note(tone, text),
    questionChanged(question) {
      if (question === null) return show(picker);
      const item = question.itemId === null ? null : transcript.item(question.itemId);
      const changes = item?.type === 'fileChange' ? changeLines(item.changes, styles, null, '') : [];
      const answered = (label: string): void => note('info', `${question.title} ${label}`);
      show(new QuestionPanel({ question, styles, changes, now: Date.now, answered }));
    },
    questionWithdrawn: ({ title }) => note('info', `settled elsewhere, or no longer needed: ${title}`),
    questionDeclined: (text) => note('warning', text),
  };
  const note = (tone: 'info' | 'warning' | 'error', text: string): void =>
    redraw(() => transcript.add({ kind: 'note', tone, text }));
  function redraw(change: () => void): void {
    change();
    draw();
  }
  const session = createSession(client, run, events);
  const host: CommandHost = {
    say: (text) => redraw(() => transcript.add({ kind: 'text', text })),
    complain: (text) => note('error', text),
    showDiff: (text) => redraw(() => transcript.add({ kind: 'diff', text })),
    pick: (title, choices) =>
      new Promise((resolve) => {
        picker = list(title, choices, styles, (value) => {
          picker = null;
          show(null);
          resolve(value);
        });
        show(picker);
      }),
    attach(image, name) {
      images = [...images, image];
      note('info', `goes with the next message: ${name}`);
    },
    quit: () => finish(code),
    keys: KEYS,
    sendsImages: run.sendsImages,
  };

  const send = async (text: string): Promise<void> => {
    const withIt = images;
    images = [];
    if (session.state.turnId !== null) note('info', `goes to the running turn: ${visibleLine(text)}`);
    try {
      await session.send(text, withIt);
    } catch (error) {
      images = withIt;
      if (editor.getText() === '') editor.setText(text);
      note('error', error instanceof Error ? error.message : String(error));
    }
  };
  editor.onSubmit = (text) => {
    if (text.trim() === '' && images.length === 0) return;
    editor.addToHistory(text);
    const parsed = parseInput(text);
    void (parsed.kind === 'message' ? send(parsed.text) : runSlashCommand(parsed, session, host)).then(draw);
  };
  editor.setAutocompleteProvider(completion(run.sendsImages));

  tui.addChild(
    new GuardedScreen(() => [
      view,
      part(() => (isOpen ? workingLine(session.state, turnSince, Date.now(), styles) : [styles.dim('connecting')])),
      instead ?? editor,
      part(() => (isOpen ? [footerLine(session.state, images.length, styles)] : [])),
    ]),
  );
  tui.setFocus(editor);
  let isOpen = false;
  const isRunning = (): boolean => isOpen && session.state.turnId !== null;
  tui.addInputListener(
    keyActions({
      isRunning,
      isEditing: () => instead === null && !editor.isShowingAutocomplete(),
      editorText: () => editor.getText(),
      clearEditor: () => redraw(() => editor.setText('')),
      interrupt() {
        note('info', 'interrupting; Ctrl-C once more leaves');
        session.interrupt().catch((error: Error) => note('error', error.message));
      },
      hint: () => note('info', 'Ctrl-C once more leaves'),
      leave: () => finish(code),
      toggle: () => redraw(() => (view.expanded = !view.expanded)),
      attach: ({ input, path }) => host.attach(input, path),
      images: { cwd: process.cwd(), sends: run.sendsImages },
      now: Date.now,
    }),
  );
  const animation = setInterval(() => isRunning() && draw(), FRAME_MS);
  options.takeLog((line) => note('warning', line));
  const stopEnd = options.onEnd(() => finish(FAILED));
  // Whatever ends the process: the terminal is as it was.
  const restore = (): void => tui.stop();
  process.once('exit', restore);
  tui.start();
  try {
    await run.open(session, host);
    isOpen = true;
    if (run.prompt !== null) void send(run.prompt).then(draw);
    draw();
    const result = await finished;
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

function list(
  title: string,
  choices: readonly Pickable[],
  styles: Styles,
  done: (value: string | null) => void,
): Component {
  const items = choices.map(({ value, label, about }) => ({
    value,
    label: visibleLine(label),
    description: visibleLine(about),
  }));
  const select = new SelectList(items, 10, selectTheme(styles));
  select.onSelect = ({ value }) => done(value);
  select.onCancel = () => done(null);
  return {
    render: (width) => [
      styles.strong(title) + styles.dim('  arrows and Enter choose, Esc leaves'),
      ...select.render(width),
    ],
    handleInput: (data) => select.handleInput(data),
    invalidate: () => select.invalidate(),
  };
}

/** Commands, and files of this machine where the server is on it. */
function completion(isElsewhere: boolean): CombinedAutocompleteProvider {
  const commands = SLASH_COMMANDS.map(({ name, about }) => ({ name, description: about }));
  const all = new CombinedAutocompleteProvider(commands, process.cwd());
  if (isElsewhere) all.shouldTriggerFileCompletion = () => false;
  return all;
}

const selectTheme = (styles: Styles) => ({
  selectedPrefix: styles.accent,
  selectedText: styles.accent,
  description: styles.dim,
  scrollInfo: styles.dim,
  noMatch: styles.dim,
});
const editorTheme = (styles: Styles) => ({ borderColor: styles.dim, selectList: selectTheme(styles) });
