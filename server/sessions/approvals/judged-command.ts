/** A command of the model that is judged, and what the rules files say about it. */
import { MODEL_SHELL, windowsShell } from '../../system/programs/model-shell.js';
import { paths, realPath } from '../../system/files/paths.js';
import type { AdditionalPermissionProfile } from '../../../schema/protocol/common/permissions.js';
import type { CommandAction } from '../../../schema/protocol/threads/item.js';
import { matchCommand, strictest, type CommandRuleMatch } from '../../config/rules/match-command.js';
import { isProgramPath } from '../../config/rules/program-name.js';
import type { RuleSet } from '../../config/rules/rule-set.js';
import { plainScript, type PlainScript } from '../shell/plain-script.js';
import { possibleCommands } from '../shell/possible-commands.js';
import { underAllNames } from '../shell/windows-names.js';
import { windowsScript } from '../shell/windows-script.js';
import { endsInScript, runsItsWords } from './leaf-programs.js';

export interface CommandToJudge {
  readonly itemId: string;
  /** The shell and its script. */
  readonly argv: readonly string[];
  readonly script: string;
  readonly cwd: string;
  readonly tty: boolean;
  readonly actions: readonly CommandAction[];
  /** The model asks to run the command without the sandbox. */
  readonly escalate: boolean;
  /** There is no sandbox to leave: the command can only run without one (tools/shell/without-sandbox.ts). */
  readonly lacksSandbox: boolean;
  readonly justification: string | null;
  /** What the command needs in addition to the turn's permissions; null: nothing. */
  readonly additional: AdditionalPermissionProfile | null;
  /** The prefix that the model proposes to allow permanently. */
  readonly prefixRule: readonly string[] | null;
}

/** The model chooses the shell: only a shell of the system is known to run the script as it is written. */
export const isSystemShell = (program = ''): boolean =>
  /^(?:(?:\/usr)?(?:\/local)?\/bin\/)?(?:bash|sh|zsh|dash|ash|ksh)$/.test(program);

/**
 * The commands of the script; null: it is not understood, or the program is none of the system's shells and may do
 * anything with it.
 */
export function readScript({ argv, script }: Pick<CommandToJudge, 'argv' | 'script'>): PlainScript | null {
  const [program = ''] = argv;
  if (isSystemShell(program)) return plainScript(script);
  const shell = windowsShell(program);
  const ofSystem = program === MODEL_SHELL.program || /^(?:powershell|pwsh|cmd)(?:\.exe)?$/i.test(program);
  return shell !== null && ofSystem && argv.at(-1) === script ? windowsScript(script, shell) : null;
}

/**
 * The rules' results for each command. An allowance does not count for words that look different from what they are,
 * and not for a program whose path leads elsewhere. One for a script of PowerShell or cmd.exe does not count for more
 * words: these shells add them to the script.
 */
export function allowances(
  set: RuleSet,
  { cwd }: CommandToJudge,
  script: PlainScript | null,
  judged: readonly (readonly string[])[],
): readonly (CommandRuleMatch | null)[] {
  const folder = realFolder(cwd);
  const moves = judged.some(([program = '']) => /^(?:cd|pushd|popd|chdir)$/.test(program));
  return judged.map((argv) => {
    const [program = ''] = argv;
    const judgement = matchCommand(set, argv, folder);
    if (judgement?.decision !== 'allow') return judgement;
    const { pattern } = judgement.rule;
    const first = pattern.map(([word = '']) => word);
    if (pattern.length < argv.length && windowsShell(program) !== null && endsInScript(first)) return null;
    const climbs = program.split(paths.windows ? /[\\/]/ : '/').includes('..');
    const elsewhere = climbs || (moves && isProgramPath(program) && !paths.isAbsolute(program));
    return elsewhere || script?.clean === false ? null : judgement;
  });
}

/**
 * Rules that forbid or ask apply at any place of the script: after a redirection, in a substitution, in a nested shell.
 */
export function hiddenRuling(
  { argv, script, cwd }: CommandToJudge,
  set: RuleSet,
): { readonly judgement: CommandRuleMatch | null; readonly complete: boolean } {
  if (set.prefixRules.every(({ decision }) => decision === 'allow')) return { judgement: null, complete: true };
  const { commands, complete: read } = possibleCommands(script);
  const onWindows = windowsShell(argv[0] ?? '') !== null;
  const complete = read && (!onWindows || onlyItsWords(readScript({ argv, script })));
  const named = onWindows ? commands.flatMap(underAllNames) : commands;
  const found = named.map((argv) => matchCommand(set, argv, cwd));
  return {
    judgement: strictest(found.filter((judgement) => judgement !== null && judgement.decision !== 'allow')),
    complete,
  };
}

/** Other scripts of these shells have commands that a reader of POSIX does not see: g^it, & ('g' + 'it'). */
const onlyItsWords = (script: PlainScript | null): boolean =>
  script?.pipelines.every((pipeline) => !pipeline.some(runsItsWords)) === true;

/** Of two results the one that allows less. */
export function stricterOf(a: CommandRuleMatch | null, b: CommandRuleMatch | null): CommandRuleMatch | null {
  return b === null || a?.decision === 'forbidden' ? a : b.decision === 'forbidden' || a?.decision !== 'prompt' ? b : a;
}

/** The folder without links, or as it is named. */
export function realFolder(folder: string): string {
  try {
    return realPath(folder);
  } catch {
    return folder; // the folder does not exist, so nothing can run in it
  }
}
