/** The completion scripts, in the shells that they are for, and the manual page in its formatter. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { completionScript, manPage } from '../../server/cli/completion/index.js';
import { CODEXD } from '../../server/cli/program.js';
import { scratch } from '../fixtures/program.js';
import { runToEnd } from '../fixtures/programs.js';

t.setTimeout(120_000);

const isThere = (program: string): boolean => runToEnd(program, ['--version']).exitCode !== undefined;

/** What somebody has typed before the tab key, and what must and must not be offered. */
const ROWS: readonly [typed: string, offered: readonly string[], not: readonly string[]][] = [
  ['codexd ', ['exec', 'e', 'app-server', 'threads', 'completion'], ['--json']],
  ['codexd thr', ['threads'], ['exec']],
  ['codexd exec ', ['resume', 'fork', 'review'], ['threads']],
  ['codexd exec --js', ['--json'], ['--model']],
  ['codexd exec --work', [], ['--worktree']],
  ['codexd -m exec e', ['exec', 'e'], ['resume']],
  ['codexd e --sandbox ', ['read-only', 'workspace-write', 'danger-full-access'], ['resume']],
  ['codexd exec resume --la', ['--last'], ['--listen']],
  ['codexd threads list --ar', ['--archived'], ['--listen']],
  ['codexd mcp ', ['add', 'list', 'get', 'remove'], ['--json']],
  ['codexd mcp add --', ['--env', '--url', '--oauth-client-id'], ['--json']],
  ['codexd completion ', ['bash', 'zsh', 'fish'], ['resume']],
  ['codexd exec -C fol', ['folder'], ['file.txt']],
  ['codexd exec -o fil', ['file.txt'], []],
];

function judge(t: Test, complete: (typed: string) => readonly string[]): void {
  for (const [typed, offered, not] of ROWS) {
    const words = complete(typed).map((word) => word.trim().replace(/\/$/, ''));
    for (const word of offered) t.ok(words.includes(word), `${typed}: ${word} in ${words.slice(0, 12).join(' ')}`);
    for (const word of not) t.notOk(words.includes(word), `${typed}: not ${word}`);
  }
}

function place(t: Test, shell: string): { readonly file: string; readonly work: string } {
  const { work } = scratch(t, '');
  const file = path.join(work, `codexd.${shell}`);
  fs.writeFileSync(file, completionScript(CODEXD, shell));
  fs.mkdirSync(path.join(work, 'folder'));
  fs.writeFileSync(path.join(work, 'file.txt'), '');
  return { file, work };
}

function output(program: string, args: readonly string[], cwd: string): string {
  const { exitCode, stdout, stderr } = runToEnd(program, args, { cwd, timeout: 60_000 });
  if (exitCode !== 0 || stderr !== '') throw new Error(`${program}: ${exitCode} ${stderr}`);
  return stdout;
}

t.test('bash', (t) => {
  const { file, work } = place(t, 'bash');
  const script = `source ${file}
    line=$1; read -ra COMP_WORDS <<< "$line"; [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _codexd; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const complete = (typed: string) => output('bash', ['--norc', '-c', script, 'bash', typed], work).split('\n');
  judge(t, complete);
  // Typed with an equals sign, bash hands three words over.
  t.ok(complete('codexd exec --color = al').includes('always'));
  t.match(output('bash', ['--norc', '-c', `source ${file}; complete -p codexd`], work), /-F _codexd codexd/);
  t.end();
});

t.test('fish', { skip: isThere('fish') ? false : 'fish is not installed: its completion was NOT tried' }, (t) => {
  const { file, work } = place(t, 'fish');
  judge(t, (typed) =>
    output('fish', ['--no-config', '-c', `source ${file}; complete -C ${JSON.stringify(typed)}`], work)
      .split('\n')
      .map((line) => line.split('\t')[0] ?? ''),
  );
  t.end();
});

t.test('zsh', { skip: isThere('zsh') ? false : 'zsh is not installed: its completion was NOT tried' }, (t) => {
  const { file, work } = place(t, 'zsh');
  // Completion needs an editor on a terminal: compadd writes what it is given into a file instead of offering it.
  const inner = path.join(work, 'inner.zsh');
  const found = path.join(work, 'found');
  fs.writeFileSync(
    inner,
    `autoload -Uz compinit; compinit -D -u; source ${file}
compadd() {
  local -a hits
  builtin compadd -O hits "$@"
  print -rl -- "\${hits[@]}" >> ${found}
  builtin compadd "$@"
}
finish() { print -r -- END >> ${found}; zle -I; }
zle -C tried complete-word _main_complete
both() { zle tried; finish; zle kill-whole-line; }
zle -N both; bindkey '^I' both; PS1='READY '
`,
  );
  const outer = `zmodload zsh/zpty; zpty shell 'TERM=dumb ZDOTDIR=/nonexistent zsh -f -i'
zpty -w shell "cd ${work}; source ${inner}"
zpty -w -n shell "$1"$'\\t'
for i in {1..600}; do grep -qs '^END' ${found} && break; zpty -r -t shell chunk; sleep 0.1; done
zpty -d shell`;
  judge(t, (typed) => {
    fs.rmSync(found, { force: true });
    output('zsh', ['-f', '-c', outer, 'zsh', typed], work);
    return fs.readFileSync(found, 'utf8').split('\n');
  });
  t.end();
});

t.test(
  'the manual page',
  { skip: isThere('groff') ? false : 'groff is not installed: the page was NOT formatted' },
  (t) => {
    const { work } = scratch(t, '');
    const file = path.join(work, 'codexd.1');
    fs.writeFileSync(file, manPage(CODEXD, '1.2.3'));
    const { exitCode, stdout, stderr } = runToEnd('groff', ['-man', '-ww', '-z', file]);
    t.strictSame({ exitCode, stdout, stderr }, { exitCode: 0, stdout: '', stderr: '' }, 'no warnings');
    const text = runToEnd('groff', ['-man', '-Tutf8', '-P-cbou', file]).stdout;
    t.match(text, /codexd exec resume/);
    t.match(text, /printenv OPENAI_API_KEY \| codexd login --with-api-key/);
    t.match(text, /CODEX_HOME/);
    t.end();
  },
);
