/** `--strict-config` before the server starts. */
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { createConfigService } from '../../config/settings/config-service.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, type ParsedCommand } from '../options/command-spec.js';
import type { ExecOptions } from './exec-options.js';

/**
 * `--strict-config`: report the first problem in one line before the new server would. A running server was started
 * with its own options.
 */
export async function assertStrictConfig({ cwd }: ExecOptions, parsed: ParsedCommand): Promise<void> {
  if (cwd === null || !isGiven(parsed, 'strict-config')) return;
  const { assertStrict } = await import('../../config/settings/startup.js');
  const codexHome = resolveCodexHome();
  assertStrict(createConfigService({ codexHome, commandLine: commandLineConfig(parsed), cwd, strict: true }));
}
