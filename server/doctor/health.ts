/**
 * Whether this daemon can currently do its work: the answer of `/readyz`, and the warnings to clients.
 *
 * Rule: the check runs a real program in a sandbox, at most once in a while however often it is requested, and nobody
 * waits long for it. When the configuration runs commands without a sandbox (for example, inside a container), a
 * missing sandbox is not a problem.
 */
import { messageOf } from '../errors/message-of.js';
import { needsSandbox, permissionsOf } from '../exec/start/permissions.js';
import type { SettingsReader } from '../config/settings/command-settings.js';
import { packageChanged } from '../package/package-parts.js';
import type { SandboxStatus } from '../sandbox/policy/sandbox.js';
import { silentLogger } from '../log/log.js';
import { inTime } from './findings/in-time.js';
import { fail, type Finding } from './findings/finding.js';

export interface Health {
  /** The problems that prevent commands from running as required; empty: none. Never rejects. */
  problems(): Promise<readonly Finding[]>;
  /**
   * The problems as text, one line each, as far as they are known at this moment; null: none. A call starts a new check
   * when the last one is old.
   */
  unready(): string | null;
  /** The last result of that check, which is not repeated for this while it is valid. Never rejects. */
  sandbox(): Promise<SandboxStatus>;
}

export interface HealthOptions {
  readonly codexHome: string;
  readonly settings: () => Promise<SettingsReader>;
  /** For tests: the check for a sandbox, and the time in milliseconds. */
  readonly look?: () => Promise<SandboxStatus>;
  readonly now?: () => number;
  readonly platform?: NodeJS.Platform;
}

/** How long a result stays valid, in milliseconds. A problem can be fixed at any time. */
const GOOD_FOR_MS = 60_000;
const BAD_FOR_MS = 5000;
/** The longest wait of the first caller. A probe that hangs ends after 10 s. */
const PATIENCE_MS = 4000;

interface Seen {
  readonly status: SandboxStatus;
  readonly at: number;
}

export function createHealth({ codexHome, settings, ...parts }: HealthOptions): Health {
  const now = parts.now ?? (() => performance.now());
  // On Windows a client sets the sandbox up (windowsSandbox/setupStart). It can do so only after the daemon is ready.
  const waitsForSandbox = (parts.platform ?? process.platform) !== 'win32';
  // A new sandbox for each check, because a sandbox that was once available stays available.
  const look =
    parts.look ??
    (async () => {
      const { createSandbox } = await import('../sandbox/create-sandbox.js');
      return createSandbox({ codexHome, log: silentLogger }).status();
    });
  let seen: Seen | null = null;
  let looking: Promise<Seen> | null = null;

  const lookAgain = (): Promise<Seen> => {
    looking ??= look()
      .catch((error: unknown): SandboxStatus => ({ available: false, reason: messageOf(error), fix: DOCTOR }))
      .then((status) => {
        looking = null;
        return (seen = { status, at: now() });
      });
    return looking;
  };
  const sandboxStatus = async (): Promise<SandboxStatus> => {
    if (seen === null) return (await inTime(lookAgain(), PATIENCE_MS))?.status ?? SLOW;
    if (now() - seen.at > (seen.status.available ? GOOD_FOR_MS : BAD_FOR_MS)) {
      const fresh = lookAgain();
      // A good result stays valid until the new check ends. A bad one may be out of date.
      if (!seen.status.available) return (await inTime(fresh, PATIENCE_MS))?.status ?? seen.status;
    }
    return seen.status;
  };

  let known: readonly Finding[] = [];
  let asking: Promise<readonly Finding[]> | null = null;
  const find = async (): Promise<readonly Finding[]> => {
    const found: Finding[] = [];
    try {
      const status = await sandboxStatus();
      if (!status.available && wantsSandbox(await settings())) {
        found.push(fail(NO_SANDBOX, `commands cannot be sandboxed here: ${status.reason}`, status.fix));
      }
    } catch (error) {
      found.push(fail('health.broke', `it cannot be found out whether commands can run: ${messageOf(error)}`, DOCTOR));
    }
    return (known = found);
  };
  const ask = (): Promise<readonly Finding[]> =>
    (asking ??= find().finally(() => {
      asking = null;
    }));
  // Reading the file is fast, so the result is not cached.
  const replaced = (): readonly Finding[] =>
    packageChanged()
      ? [fail('installation.replaced', 'the files of codexd were replaced while it ran', 'restart it')]
      : [];

  return {
    problems: async () => [...replaced(), ...(await ask())],
    unready() {
      void ask();
      const found = [...replaced(), ...known.filter(({ id }) => waitsForSandbox || id !== NO_SANDBOX)];
      return found.length === 0 ? null : found.map(({ what, fix }) => `${what}: ${fix}\n`).join('');
    },
    sandbox: sandboxStatus,
  };
}

const NO_SANDBOX = 'sandbox.bubblewrap';
const DOCTOR = 'run `codexd doctor` as this user';
const SLOW: SandboxStatus = { available: false, reason: 'bubblewrap does not answer in time', fix: DOCTOR };

/** Whether the configured profile requires a sandbox for commands. */
function wantsSandbox(source: SettingsReader): boolean {
  const settings = source.settings();
  return needsSandbox(permissionsOf(settings, settings.defaultProfile, []));
}
