/** `codexd trust`: shows a project's config.toml to a person, who may approve its current text. */
import path from 'node:path';
import { isGiven, type CommandSpec, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { yesOrNo } from '../output/yes-or-no.js';

export const TRUST: CommandSpec = {
  name: 'trust',
  about: "Look at a project's config.toml and say yes to it",
  details:
    'A project may only make things narrower by itself. What else its .codex/config.toml asks for counts after a yes\nto that very text; after a change it has to be said again.',
  options: [
    { long: 'yes', short: 'y', help: 'Say yes without being asked' },
    { long: 'revoke', help: 'Take the yes back', conflicts: ['yes'] },
  ],
  positionals: { names: ['FOLDER'], help: 'A folder of the project (default: the current one)' },
  run: trust,
};

async function trust(parsed: ParsedCommand): Promise<number> {
  const [{ resolveCodexHome }, { createConfigService }, { projectFiles }, { changeTrustRecord, hashOf }] =
    await Promise.all([
      import('../../config/settings/codex-home.js'),
      import('../../config/settings/config-service.js'),
      import('../../config/settings/project-files.js'),
      import('../../config/layers/project-trust.js'),
    ]);
  const codexHome = resolveCodexHome();
  const source = createConfigService({ codexHome });
  const cwd = path.resolve(parsed.trailing[0] ?? '.');
  const files = projectFiles(source, cwd);
  if (files.length === 0) {
    print(`${cwd}: there is no .codex/config.toml from here up to the project's root\n`);
    return 0;
  }
  let refused = 0;
  for (const { file, text, lines, problem } of files) {
    print(`${shown(file)}\n`);
    if (problem !== null || text === null) {
      print(`  ${shown(problem ?? 'it cannot be read')}\n`);
      refused++;
      continue;
    }
    if (isGiven(parsed, 'revoke')) {
      await changeTrustRecord(codexHome, source.sources.read, { confirmed: { [file]: null } });
      print('  counts only where it makes things narrower\n');
      continue;
    }
    const hash = hashOf(text);
    print(`  ${hash}\n`);
    if (lines.length === 0) {
      print('  nothing in it needs a yes\n');
      continue;
    }
    print(`  counts only after a yes:\n${lines.map((line) => `    ${shown(line)}\n`).join('')}`);
    if (!isGiven(parsed, 'yes') && !(await yesOrNo('Let it count as it is?'))) {
      refused++;
      continue;
    }
    await changeTrustRecord(codexHome, source.sources.read, { confirmed: { [file]: hash } });
    print('  counts from now on, until it is changed\n');
  }
  return refused === 0 ? 0 : 1;
}

/** Escapes control characters: text of a repository must not control the terminal. */
const shown = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
