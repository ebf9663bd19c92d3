import t from 'tap';
import { readArguments } from '../../server/cli/options/command-line.js';
import { STRICT_CONFIG, type CommandSpec } from '../../server/cli/options/command-spec.js';
import { EXEC } from '../../server/cli/commands/exec-command.js';
import { OPTIONS_BEFORE_EXEC } from '../../server/cli/options/exec-command-options.js';
import { SANDBOX } from '../../server/cli/commands/sandbox-command.js';
import { paletteFor } from '../../server/cli/exec/colors.js';
import { NO_PROGRESS } from '../../server/cli/exec/progress.js';
import { plainOutput } from '../../server/cli/exec/plain-output.js';
import type { ExecListener } from '../../server/cli/exec/exec-listener.js';

const ROOT: CommandSpec = {
  name: 'codexd',
  about: 'x',
  options: [...OPTIONS_BEFORE_EXEC, STRICT_CONFIG],
  handsOptionsDown: true,
  subcommands: [EXEC, SANDBOX],
};

function command(...argv: string[]) {
  const found = readArguments(ROOT, argv);
  if (!('command' in found)) throw new Error('printed');
  return found.command;
}

t.test('options of exec are valid before exec, and exec has a short name', (t) => {
  const { path, values, trailing } = command('-m', 'x', '-a', 'never', '-s', 'read-only', 'e', '--json', 'do it');
  t.same(path, ['exec']);
  t.same(trailing, ['do it']);
  t.match(Object.fromEntries(values), { model: ['x'], sandbox: ['read-only'], json: [''] });
  t.ok(command('--yolo', 'exec', 'x').values.has('dangerously-bypass-approvals-and-sandbox'));
  t.same(command('-m', 'x', 'exec', 'review', '--base', 'main').path, ['exec', 'review']);
  t.end();
});

t.test('the words after an image are images, up to the next option', (t) => {
  const given = (...argv: string[]) => {
    const { values, trailing, path } = command(...argv);
    return { images: values.get('image') ?? [], trailing, path };
  };
  const exec = { path: ['exec'] };
  t.match(given('exec', 'p', '-i', 'a', 'b'), { ...exec, images: ['a', 'b'], trailing: ['p'] });
  t.match(given('exec', '-i', 'a', 'b', '-i', '-', '--', 'p'), { ...exec, images: ['a', 'b', '-'], trailing: ['p'] });
  t.match(given('exec', '-i', 'a,b', 'c', '--json', 'p'), { ...exec, images: ['a', 'b', 'c'], trailing: ['p'] });
  for (const attached of ['-ia', '-i=a', '--image=a'])
    t.match(given('exec', attached, 'p'), { ...exec, images: ['a'], trailing: ['p'] });
  t.match(given('-i', 'a', 'exec', 'p', '-m', 'x', 'exec', 'q'), { path: ['exec'], images: ['a', 'exec', 'p'] });
  t.match(
    given('exec', '-i', 'a', '--json', 'resume', '-i', 'b,c', 'id', 'p'),
    { path: ['exec', 'resume'], images: ['a', 'b', 'c'], trailing: ['id', 'p'] },
    'one word when a session is continued',
  );
  const none = /^a value is required for '--image <FILE>\.\.\.' but none was supplied/;
  for (const wrong of [['-i'], ['-i', '--json'], ['-i', 'a', '', 'b'], ['-i', 'a,'], ['-i', ',a'], ['--image=']])
    t.throws(() => command('exec', 'p', ...wrong), { message: none }, wrong.join(' '));
  t.throws(() => command('exec', '-i', 'a', '--nosuch'), { message: "unexpected argument '--nosuch' found" });
  t.throws(() => command('exec', 'resume', '-i'), { message: /'--image <FILE>' but none/ });
  t.end();
});

t.test('an option before a command that does not accept it is refused', (t) => {
  t.throws(() => command('-m', 'x', 'sandbox', 'true'), {
    message: "the argument '--model <MODEL>' is not of 'sandbox'",
  });
  t.throws(() => command('exec', '--image=a', 'review'), { message: /'--image <FILE>\.\.\.' is not of 'review'/ });
  t.ok(command('--strict-config', 'sandbox', 'true'));
  t.end();
});

t.test('the error for a misspelled word suggests the correct word', (t) => {
  const tip = (...argv: string[]): string => {
    try {
      command(...argv);
    } catch (error) {
      return /tip: .*'(.*)'$/.exec((error as Error).message)?.[1] ?? '';
    }
    return '';
  };
  t.equal(tip('exce'), 'exec');
  t.equal(tip('sanbox'), 'sandbox');
  t.equal(tip('exec', '--modle', 'x'), '--model');
  t.equal(tip('exec', '--zzz'), '');
  t.equal(tip('zzz'), '');
  t.end();
});

t.test('a review has exactly one target', (t) => {
  t.throws(() => command('exec', 'review', '--base', 'a', '--commit', 'b'), { message: /cannot be used with/ });
  t.throws(() => command('exec', 'review', '--title', 'a'), { message: /--commit <SHA>/ });
  t.end();
});

t.test('on one terminal the answer and the error are printed once', (t) => {
  const printed = (oneTerminal: boolean, play: (listener: ExecListener) => void): string => {
    let all = '';
    play(
      plainOutput({
        out: (text) => (all += text),
        say: (line) => (all += `${line}\n`),
        oneTerminal,
        palette: paletteFor('never', {}, {}),
        progress: NO_PROGRESS,
      }),
    );
    return all;
  };
  const item = { type: 'agentMessage', text: 'answer' } as Parameters<ExecListener['itemCompleted']>[0];
  const answer = (listener: ExecListener): void => {
    listener.itemCompleted(item);
    listener.ended({ error: null, usage: null, lastMessage: 'answer' });
  };
  t.equal(printed(true, answer).split('answer').length, 2);
  t.equal(printed(false, answer).split('answer').length, 3, 'standard output has it for whoever reads it');
  const failed = (listener: ExecListener): void => {
    listener.error('broken');
    listener.ended({ error: 'broken', usage: null, lastMessage: null });
  };
  t.equal(printed(true, failed).split('broken').length, 2);
  t.end();
});
