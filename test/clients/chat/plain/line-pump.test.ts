/** What each line is. */
import t from 'tap';
import { createLinePump } from '../../../../clients/chat/plain/line-pump.js';

interface Stage {
  readonly isTerminal?: boolean;
  readonly hasImages?: boolean;
}

function stage({ isTerminal = false, hasImages = false }: Stage = {}) {
  const did: string[] = [];
  let isBusy = false;
  let open: 'list' | 'question' | null = null;
  let endCommand: () => void = () => {};
  const pump = createLinePump({
    isTerminal,
    isBusy: () => isBusy,
    hasImages: () => hasImages,
    dialogs: {
      get open() {
        return open;
      },
      take(line) {
        did.push(`${open}: ${line}`);
        open = null;
      },
      remind: () => void did.push('remind'),
    },
    command(command) {
      did.push(command.kind === 'command' ? `/${command.name} ${command.argument}`.trim() : `no /${command.word}`);
      return new Promise((resolve) => (endCommand = resolve));
    },
    async send(text) {
      did.push(`send ${text}`);
      isBusy = true;
    },
    refuseAll() {
      did.push('refuse');
      open = null;
    },
    finish: () => void did.push('finish'),
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    ...pump,
    lines: (...all: string[]) => all.forEach((line) => pump.line(line)),
    take: () => did.splice(0),
    ask(what: 'list' | 'question' | null) {
      open = what;
      pump.pump();
    },
    turnEnds() {
      isBusy = false;
      pump.pump();
    },
    async commandEnds() {
      endCommand();
      await settled();
    },
  };
}

t.test('from a pipe each line waits for the end of the turn before it', async (t) => {
  const { lines, opened, turnEnds, end, take } = stage();
  lines('one', '', 'two \\', 'more', 'three');
  t.strictSame(take(), [], 'the session is not open');
  opened();
  t.strictSame(take(), ['send one']);
  end();
  turnEnds();
  t.strictSame(take(), ['send two \nmore']);
  turnEnds();
  t.strictSame(take(), ['send three']);
  turnEnds();
  t.strictSame(take(), ['finish']);
});

t.test('on a terminal a line goes to the running turn', async (t) => {
  const { lines, opened, take } = stage({ isTerminal: true });
  opened();
  lines('one', 'two', 'a \\');
  t.strictSame(take(), ['send one', 'send two'], 'a line that continues waits');
  lines('b');
  t.strictSame(take(), ['send a \nb']);
});

t.test('the end of input completes a line that continues; an empty line may send an image', async (t) => {
  const { lines, opened, end, take } = stage({ hasImages: true });
  opened();
  lines('');
  t.strictSame(take(), ['send ']);
  const other = stage();
  other.opened();
  other.lines('a\\');
  other.end();
  t.strictSame(other.take(), ['send a']);
  end();
});

t.test('lines after a command wait for its end', async (t) => {
  const { lines, opened, commandEnds, take } = stage();
  opened();
  lines('/status', '/nope x', 'one');
  t.strictSame(take(), ['/status']);
  await commandEnds();
  t.strictSame(take(), ['no /nope']);
  await commandEnds();
  t.strictSame(take(), ['send one']);
});

t.test('a question takes the next line, also before the session is open, unless it is a command', async (t) => {
  const { lines, ask, commandEnds, take } = stage();
  ask('question');
  lines('1');
  t.strictSame(take(), ['question: 1']);
  ask('question');
  lines('/status', '2', 'later');
  t.strictSame(take(), ['/status'], 'the answer waits for the end of the command');
  await commandEnds();
  t.strictSame(take(), ['remind', 'question: 2']);
  for (const answer of ['/tmp', '/etc/hosts', ' /status', '']) {
    const other = stage();
    other.ask('question');
    other.lines(answer);
    t.strictSame(other.take(), [`question: ${answer}`], `"${answer}" is an answer`);
  }
});

t.test('a list that the command opens takes the line after it', async (t) => {
  const { lines, ask, commandEnds, take } = stage();
  ask('question');
  lines('/model');
  ask('list');
  lines('3');
  t.strictSame(take(), ['/model', 'list: 3']);
  ask('question');
  lines('1');
  t.strictSame(take(), [], 'the command is not over');
  await commandEnds();
  t.strictSame(take(), ['remind', 'question: 1']);
});

t.test('at the end of input a list gets an empty line, and questions are refused', async (t) => {
  const { lines, opened, ask, end, take, turnEnds } = stage();
  opened();
  lines('one');
  end();
  ask('question');
  t.strictSame(take(), ['send one', 'refuse']);
  turnEnds();
  t.strictSame(take(), ['finish']);
  const choosing = stage();
  choosing.end();
  choosing.ask('list');
  t.strictSame(choosing.take(), ['list: ']);
});
