/**
 * `codexd windows-sandbox-setup`: sets the Windows sandbox up, or takes it away. The daemon runs it, too, for
 * windowsSandbox/setupStart.
 */
import os from 'node:os';
import path from 'node:path';
import { messageOf } from '../../errors/message-of.js';
import { StartError } from '../../errors/start-error.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { createConfigService } from '../../config/settings/config-service.js';
import { implementationRefusal } from '../../config/requirements/windows-implementations.js';
import { writeConfig } from '../../config/write/write-config.js';
import { ownCommand } from '../../package/own-node.js';
import { failureText, type SetupFailure, type SetupOptions } from '../../sandbox/windows/setup/setup-system.js';
import { paths } from '../../system/files/paths.js';
import type { WorldWritable } from '../../sandbox/windows/setup/world-writable.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';
import { UsageError } from '../options/usage-error.js';
import { print } from '../output/print.js';

/** What a run of it came to; `--json` prints it. */
export interface WindowsSetupResult {
  readonly failure: SetupFailure | null;
  /** Only with `unelevated`. */
  readonly worldWritable: WorldWritable | null;
}

export async function windowsSetup(parsed: ParsedCommand): Promise<number> {
  if (!paths.windows)
    throw new StartError('`codexd windows-sandbox-setup` is only supported on Windows: other systems need no set-up');
  const codexHome = path.resolve(valueOf(parsed, 'codex-home') ?? resolveCodexHome());
  const mode = valueOf(parsed, 'mode') === 'unelevated' ? 'unelevated' : 'elevated';
  const source = createConfigService({ codexHome, commandLine: commandLineConfig(parsed) });
  const refusal = isGiven(parsed, 'remove') ? null : implementationRefusal(mode, source.requirements());
  const result = refusal === null ? await run(parsed, codexHome, mode) : failed({ code: 'not_allowed', text: refusal });
  const pipe = valueOf(parsed, 'report');
  if (pipe !== null) await report(pipe, result.failure);
  else if (isGiven(parsed, 'json')) print(`${JSON.stringify(result)}\n`);
  else if (result.failure !== null) throw new StartError(failureText(result.failure));
  else if (isGiven(parsed, 'remove')) print('The Windows sandbox of this Codex home is removed.\n');
  else {
    const edits = [{ keyPath: 'windows.sandbox', value: mode, mergeStrategy: 'upsert' } as const];
    await writeConfig(source, { edits, filePath: null, expectedVersion: null }).catch((error: unknown) => {
      throw new StartError(`the sandbox is set up, but config.toml cannot be written: ${messageOf(error)}`);
    });
    for (const place of result.worldWritable?.paths ?? [])
      process.stderr.write(`warning: everyone may write to ${place}, and so may commands\n`);
    print(`The Windows sandbox is set up; windows.sandbox = "${mode}" is in config.toml.\n`);
  }
  return result.failure === null ? 0 : 1;
}

const failed = (failure: SetupFailure): WindowsSetupResult => ({ failure, worldWritable: null });

async function run(
  parsed: ParsedCommand,
  codexHome: string,
  mode: 'elevated' | 'unelevated',
): Promise<WindowsSetupResult> {
  if (isGiven(parsed, 'elevate') && mode === 'elevated') {
    const { runElevated } = await import('../../sandbox/windows/setup/elevate.js');
    return { failure: await runElevated((pipe) => elevatedCommand(parsed, codexHome, pipe)), worldWritable: null };
  }
  const [{ windowsSystem }, { proveSandbox }] = await Promise.all([
    import('../../sandbox/windows/setup/windows-system.js'),
    import('../../sandbox/windows/run/prove-setup.js'),
  ]);
  const system = windowsSystem((home, marker) => proveSandbox(home, marker));
  if (mode === 'unelevated' && !isGiven(parsed, 'remove')) {
    const [{ makeFolder }, { auditedPlaces, worldWritable }] = await Promise.all([
      import('../../sandbox/windows/setup/setup-folder.js'),
      import('../../sandbox/windows/setup/world-writable.js'),
    ]);
    const text = makeFolder(codexHome, system);
    if (text !== null) return failed({ code: 'folder', text });
    const cwd = path.resolve(valueOf(parsed, 'cd') ?? process.cwd());
    return { failure: null, worldWritable: worldWritable(auditedPlaces(cwd, process.env), system.lists) };
  }
  const [{ runSetup, removeSetup }, options] = await Promise.all([
    import('../../sandbox/windows/setup/setup.js'),
    setupOptions(parsed, codexHome),
  ]);
  const work = isGiven(parsed, 'remove') ? removeSetup : runSetup;
  return { failure: await work(options, system), worldWritable: null };
}

async function setupOptions(parsed: ParsedCommand, codexHome: string): Promise<SetupOptions> {
  const [{ choosePorts }, { readableFolders }, { readSetup }] = await Promise.all([
    import('../../sandbox/windows/setup/setup-ports.js'),
    import('../../sandbox/windows/setup/readable-folders.js'),
    import('../../sandbox/windows/setup-state.js'),
  ]);
  const before = readSetup(codexHome);
  // Daemons that run have lanes on these ports already.
  const kept = before.status === 'ready' ? before.marker.lanePorts : [];
  return {
    codexHome,
    lanePorts: kept.length > 0 ? kept : await choosePorts(codexHome),
    allowLocalBinding: isGiven(parsed, 'allow-local-binding'),
    readable: readableFolders(valueOf(parsed, 'profile-folder') ?? os.homedir()),
  };
}

/** The words that the process with more rights gets: it inherits no variable of this one. */
const elevatedCommand = (parsed: ParsedCommand, codexHome: string, pipe: string) =>
  ownCommand([
    'windows-sandbox-setup',
    ...['--report', pipe, '--codex-home', codexHome, '--profile-folder', os.homedir()],
    ...['remove', 'allow-local-binding'].filter((name) => isGiven(parsed, name)).map((name) => `--${name}`),
  ]);

async function report(pipe: string, failure: SetupFailure | null): Promise<void> {
  const { isReportPipe, sendReport } = await import('../../sandbox/windows/setup/elevate.js');
  if (!isReportPipe(pipe)) throw new UsageError('--report takes the pipe of a set-up that waits for the report');
  await sendReport(pipe, failure);
}
