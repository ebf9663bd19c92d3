/** The input of every check: the places to check, determined without trusting any of them. */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CommandLineConfig } from '../../config/layers/overrides.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { workingFolder } from '../../system/files/look.js';
import { inTime } from './in-time.js';

export interface DoctorContext {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The current folder; null when it no longer exists. */
  readonly cwd: string | null;
  readonly home: HomeLook;
  /** Whether checks may contact model endpoints on other machines. */
  readonly network: boolean;
  readonly commandLine: CommandLineConfig;
  /**
   * The configuration as the daemon would read it here. Throws ConfigError. Read once. Do not call it while the home
   * hangs.
   */
  readonly source: () => Promise<ConfigService>;
}

/** The first look at the Codex home. */
export interface HomeLook {
  /** Absolute; null: the environment does not determine one. */
  readonly path: string | null;
  /** `hangs`: its file system does not answer. */
  readonly state: 'folder' | 'missing' | 'notFolder' | 'closed' | 'hangs' | 'unknown';
  /** The system's message, or ''. */
  readonly said: string;
  /** The variable that named it; null: the default place. */
  readonly namedBy: 'CODEX_HOME' | null;
}

/** A folder on a file system with an unreachable server never answers. In milliseconds. */
const LOOK_LIMIT_MS = 5000;

export async function createContext(options: {
  readonly env: NodeJS.ProcessEnv;
  readonly network: boolean;
  readonly commandLine: CommandLineConfig;
}): Promise<DoctorContext> {
  const { env, network, commandLine } = options;
  const home = await lookAtHome(env);
  const cwd = workingFolder();
  let made: Promise<ConfigService> | undefined;
  const makeSource = async (): Promise<ConfigService> => {
    const [{ createConfigService }, { resolveCodexHome }] = await Promise.all([
      import('../../config/settings/config-service.js'),
      import('../../config/settings/codex-home.js'),
    ]);
    return createConfigService({ codexHome: resolveCodexHome(env), commandLine, env, cwd: cwd ?? '/' });
  };
  return { env, cwd, home, network, commandLine, source: () => (made ??= makeSource()) };
}

async function lookAtHome(env: Readonly<NodeJS.ProcessEnv>): Promise<HomeLook> {
  const namedBy = env.CODEX_HOME ? 'CODEX_HOME' : null;
  let place: string;
  try {
    place = env.CODEX_HOME ? path.resolve(env.CODEX_HOME) : path.join(env.HOME || os.homedir(), '.codex');
  } catch (error) {
    // No HOME, and no entry in the system's list of users; or a relative name in a folder that is gone.
    return { path: null, state: 'unknown', said: messageOf(error), namedBy };
  }
  const look = (state: HomeLook['state'], said = ''): HomeLook => ({ path: place, state, said, namedBy });
  const seen = await inTime(
    fs.stat(place).then(
      (stats) => look(stats.isDirectory() ? 'folder' : 'notFolder'),
      (error: NodeJS.ErrnoException) => look(error.code === 'ENOENT' ? 'missing' : 'closed', error.message),
    ),
    LOOK_LIMIT_MS,
  );
  return seen ?? look('hangs');
}
