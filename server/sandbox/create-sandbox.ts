import path from 'node:path';
import type { Logger } from '../log/log.js';
import { HAS_JOBS } from '../system/programs/process-jobs.js';
import { hiddenScratch, sandboxFolder } from '../system/files/scratch.js';
import type { WindowsSettings } from '../config/settings/windows-settings.js';
import type { Sandbox, SandboxRequest } from './policy/sandbox.js';

export interface SandboxOptions {
  readonly codexHome: string;
  readonly log: Pick<Logger, 'warn' | 'debug'>;
  /** The daemon's own folder for filters and launch files. Created when missing, hidden from every command. */
  readonly runtimeDir?: string;
  /** Further paths that no command may see, for example a control socket outside of the Codex home. Absolute. */
  readonly hiddenPaths?: readonly string[];
  /** The names by which the next daemon looks for the Codex home (config/settings/codex-home.ts). Absolute. */
  readonly homeNames?: readonly string[];
  /** `[windows]` as it is configured now. Absent: as if it were not set. */
  readonly windows?: () => WindowsSettings;
}

/** Loads and probes nothing before the first request. One for each daemon. */
export function createSandbox(options: SandboxOptions): Sandbox {
  let platform: Promise<Sandbox> | undefined;
  const load = (): Promise<Sandbox> => (platform ??= loadPlatform(options));
  return {
    status: async () => (await load()).status(),
    async wrap(request) {
      assertConfines(request);
      return (await load()).wrap(request);
    },
  };
}

async function loadPlatform(options: SandboxOptions): Promise<Sandbox> {
  if (process.platform === 'linux') {
    const { createLinuxSandbox } = await import('./linux/linux-sandbox.js');
    return createLinuxSandbox({
      codexHome: options.codexHome,
      runtimeDir: options.runtimeDir ?? sandboxFolder(options.codexHome),
      hiddenPaths: [...hiddenScratch(), ...(options.hiddenPaths ?? [])],
      homeNames: options.homeNames ?? [],
      log: options.log,
    });
  }
  if (process.platform === 'darwin') {
    const [{ createMacosSandbox }, { libsystem }, { sandboxMembers }] = await Promise.all([
      import('./macos/macos-sandbox.js'),
      import('../system/darwin/libsystem.js'),
      import('../system/darwin/sandbox-members.js'),
    ]);
    return createMacosSandbox({
      codexHome: options.codexHome,
      runtimeDir: options.runtimeDir ?? sandboxFolder(options.codexHome),
      hiddenPaths: [...hiddenScratch(), ...(options.hiddenPaths ?? [])],
      homeNames: options.homeNames ?? [],
      members: () => sandboxMembers(libsystem()),
      log: options.log,
    });
  }
  if (HAS_JOBS) {
    const [{ createWindowsSandbox }, { windowsParts }] = await Promise.all([
      import('./windows/run/windows-sandbox.js'),
      import('./windows/run/windows-parts.js'),
    ]);
    const { codexHome, log, windows = () => ({ mode: null, privateDesktop: true }) } = options;
    return createWindowsSandbox(
      {
        codexHome,
        runtimeDir: options.runtimeDir ?? sandboxFolder(codexHome),
        hiddenPaths: [...hiddenScratch(), ...(options.hiddenPaths ?? [])],
        homeNames: options.homeNames ?? [],
        settings: windows,
        log,
      },
      windowsParts(codexHome),
    );
  }
  const { unavailableSandbox } = await import('./unavailable.js');
  return unavailableSandbox(process.platform);
}

/** Refuses the caller's mistakes, which must not result in a command without a sandbox. */
function assertConfines({ profile, network, argv, cwd }: SandboxRequest): void {
  const files = profile.enforcement === 'ours' && profile.filesystem.kind === 'restricted';
  if (!files && network === 'direct') throw new TypeError('a command with nothing to be held to has no sandbox');
  if (argv.length === 0) throw new TypeError('a command has at least one word');
  if (!path.isAbsolute(cwd)) throw new TypeError(`the working folder ${cwd} is not absolute`);
}
