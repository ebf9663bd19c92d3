/** Help: every command has an example, and every example is a command line that the program takes. */
import t from 'tap';
import { readArguments } from '../../server/cli/options/command-line.js';
import { ENVIRONMENT, environmentOf, EXAMPLES, examplesOf } from '../../server/cli/options/command-examples.js';
import type { CommandSpec } from '../../server/cli/options/command-spec.js';
import { helpFor } from '../../server/cli/options/help.js';
import { CODEXD } from '../../server/cli/program.js';

/** Every command on the way, and that the command is only there to refuse. */
function* commands(path: readonly CommandSpec[] = [CODEXD]): Generator<readonly CommandSpec[]> {
  yield path;
  for (const command of path.at(-1)?.subcommands ?? []) yield* commands([...path, command]);
}
const wordsOf = (path: readonly CommandSpec[]): string[] => path.slice(1).map(({ name }) => name);
const all = [...commands()].filter((path) => path.at(-1)?.refuses !== true);

/** The words of `codexd …` in a line of the shell: quotes, and no more of its grammar. */
function wordsIn(line: string): string[] {
  const [, command = ''] = /(?:^|[|(]\s*)codexd(?:\s+(.*?))?(?:\s*[|<>)].*)?$/.exec(line) ?? [];
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

t.test('every command has an example, and every example parses', (t) => {
  for (const path of all) {
    const words = wordsOf(path);
    const examples = examplesOf(words);
    t.ok(examples.length > 0, `codexd ${words.join(' ')}`);
    for (const { line, what } of examples) {
      t.ok(what.length > 0 && !what.endsWith('.'));
      const found = readArguments(CODEXD, wordsIn(line));
      if (!('command' in found)) {
        t.fail(line);
        continue;
      }
      const below = found.command.path.join(' ');
      t.ok(
        words.length === 0 || `${below} `.startsWith(`${words.join(' ')} `) || found.command.spec.name === words[0],
        line,
      );
    }
  }
  t.end();
});

t.test('no example belongs to a removed command', (t) => {
  const known = new Set(all.map((path) => wordsOf(path).join(' ')));
  for (const words of Object.keys(EXAMPLES)) t.ok(known.has(words), words);
  t.end();
});

t.test('help contains examples, environment variables and a link to the documents', (t) => {
  for (const path of all) {
    const help = helpFor(path);
    t.match(help, /\nUsage: codexd/);
    t.match(help, /\nExamples:\n {2}\S/);
    t.match(help, /\nDocumentation: \/.*docs\n$/);
    for (const name of environmentOf(wordsOf(path))) {
      t.ok(name in ENVIRONMENT, name);
      t.match(help, `\n  ${name} `);
    }
    for (const line of help.split('\n')) {
      if (!line.includes('codexd ') && !line.startsWith('Documentation')) t.ok(line.length <= 110, line);
    }
  }
  t.match(helpFor([CODEXD]), /CODEX_HOME[^]*CODEXD_LOG[^]*CODEXD_BWRAP[^]*OLLAMA_HOST/);
  t.end();
});
