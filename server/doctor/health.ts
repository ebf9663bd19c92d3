/**
 * Whether this daemon can do what it is for, now: what `/readyz` answers, and what clients are warned of.
 *
 * Rule: it is found out by really running something in a sandbox, at most once in a while however often somebody asks,
 * and nobody waits long for it. Where the configuration runs commands without a sandbox (the container is it, say),
 * that there is none keeps nobody from working.
 */
import { needsSandbox, permissionsOf } from '../exec/start/permissions.js';
import type { SettingsReader } from '../config/settings/command-settings.js';
import { packageChanged } from '../package/package-parts.js';
import type { SandboxStatus } from '../sandbox/policy/sandbox.js';
import { silentLogger } from '../log/log.js';
import { inTime } from './findings/in-time.js';
import { fail, messageOf, type Finding } from './findings/finding.js';

export interface Health {
  /** What keeps commands from being run as they have to be; empty: nothing. Never rejects. */
  problems(): Promise<readonly Finding[]>;
  /**
   * The same as text, a line each, as far as it is known at this moment; null: nothing. Whoever asks makes it be found
   * out again when that was long ago.
   */
  unready(): string | null;
}

export interface HealthOptions {
  readonly codexHome: string;
  readonly settings: () => Promise<SettingsReader>;
  /** For tests: how it is found out whether there is a sandbox, and the time in milliseconds. */
  readonly look?: () => Promise<SandboxStatus>;
  readonly now?: () => number;
}

/** For so long an answer stands. In milliseconds; what is wrong may be mended at any time. */
const GOOD_FOR_MS = 60_000;
const BAD_FOR_MS = 5000;
/** What the first one who asks waits for at most: a probe that hangs is ended after 10 s. */
const PATIENCE_MS = 4000;

interface Seen {
  readonly status: SandboxStatus;
  readonly at: number;
}

export function createHealth({ codexHome, settings, ...parts }: HealthOptions): Health {
  const now = parts.now ?? (() => performance.now());
  // A sandbox of its own, made for each look: one that has once been available stays so.
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
      // What was good is good until the look is over; what was wrong may be right by now.
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
        found.push(fail('sandbox.bubblewrap', `commands cannot be sandboxed here: ${status.reason}`, status.fix));
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
  // A file that is read in no time: no need to remember it.
  const replaced = (): readonly Finding[] =>
    packageChanged()
      ? [fail('installation.replaced', 'the files of codexd were replaced while it ran', 'restart it')]
      : [];

  return {
    problems: async () => [...replaced(), ...(await ask())],
    unready() {
      void ask();
      const found = [...replaced(), ...known];
      return found.length === 0 ? null : found.map(({ what, fix }) => `${what}: ${fix}\n`).join('');
    },
  };
}

const DOCTOR = 'run `codexd doctor` as this user';
const SLOW: SandboxStatus = { available: false, reason: 'bubblewrap does not answer in time', fix: DOCTOR };

/** Whether commands of the configured profile are to be held by a sandbox. */
function wantsSandbox(source: SettingsReader): boolean {
  const settings = source.settings();
  return needsSandbox(permissionsOf(settings, settings.defaultProfile, []));
}
