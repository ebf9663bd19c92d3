/**
 * `codexd hooks trust`: shows hooks to a person, who may let their present text run.
 *
 * Threat: a person says yes to another text than the one that runs later; text of a repository controls the terminal.
 * Rule: what is written is the hash of the hook that was shown (hooks/discover/hook-trust.ts). Control characters are
 * shown as text. Without a terminal nothing is trusted, unless the command line says yes. Scope: hooks of people.
 * Non-scope: programs that the line of a hook starts.
 */
import type { HookMetadata } from '../../../schema/protocol/services/hooks.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { writeConfig } from '../../config/write/write-config.js';
import { messageOf } from '../../errors/message-of.js';
import { StartError } from '../../errors/start-error.js';
import { isGiven, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { terminalText } from '../output/terminal-text.js';
import { yesOrNo } from '../output/yes-or-no.js';
import { hooksOfFolder } from './hooks-of-folder.js';
import { hookText } from './hook-text.js';

/** Exits with 1 if a hook of the question still does not run. Throws StartError. */
export async function trustHooks(parsed: ParsedCommand): Promise<number> {
  const { source, set } = hooksOfFolder(parsed);
  const [key] = parsed.trailing;
  const chosen = set.hooks.filter((hook) => key === undefined || hook.key === key);
  if (key !== undefined && chosen.length === 0)
    throw new StartError(`no hook of this folder has the key ${key}: \`codexd hooks list\` shows the keys`);
  const ours = chosen.filter(({ isManaged }) => !isManaged);
  if (isGiven(parsed, 'revoke')) return revoke(source, ours);
  const open = ours.filter(({ trustStatus }) => trustStatus !== 'trusted');
  if (open.length === 0) print('No hook of this folder waits for a yes.\n');
  let refused = 0;
  for (const hook of open) {
    print(terminalText(hookText(hook), process.stdout));
    if (!isGiven(parsed, 'yes') && !(await yesOrNo('Let it run as it is?'))) {
      refused++;
      continue;
    }
    await change(source, hook, { trusted_hash: hook.currentHash });
    print(hook.enabled ? '  runs from now on, until it is changed\n' : '  is trusted, and is switched off\n');
  }
  return refused === 0 ? 0 : 1;
}

async function revoke(source: ConfigService, hooks: readonly HookMetadata[]): Promise<number> {
  const trusted = hooks.filter(({ trustStatus }) => trustStatus !== 'untrusted');
  if (trusted.length === 0) print('No hook of this folder has a yes.\n');
  for (const hook of trusted) {
    await change(source, hook, null);
    print(terminalText(`${hook.key}\n  does not run any more\n`, process.stdout));
  }
  return 0;
}

/** `entry`: what is added to the hook's entry; null: the entry goes, unless it switches the hook off. */
async function change(source: ConfigService, { key, enabled }: HookMetadata, entry: object | null): Promise<void> {
  const own = enabled ? {} : { enabled: false };
  const value = entry === null ? (enabled ? null : own) : { ...own, ...entry };
  const segment = key.replace(/[\\"]/g, (char) => `\\${char}`);
  try {
    await writeConfig(source, {
      edits: [{ keyPath: `hooks.state."${segment}"`, value, mergeStrategy: 'replace' }],
      filePath: null,
      expectedVersion: null,
    });
  } catch (error) {
    throw new StartError(messageOf(error));
  }
}
