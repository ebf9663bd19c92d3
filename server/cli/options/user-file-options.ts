/** Options about the user's configuration files, shared by the commands that read them. */
import { profileNameProblem } from '../../config/layers/profile-file.js';
import type { OptionSpec } from './command-spec.js';

/**
 * Only for commands that run something. `app-server` has another name for it, because the reference refuses this option
 * there.
 */
export const PROFILE: OptionSpec = {
  long: 'profile',
  short: 'p',
  value: 'CONFIG_PROFILE_V2',
  check: profileNameProblem,
  help: "Lay $CODEX_HOME/CONFIG_PROFILE_V2.config.toml over the user's config.toml",
};

export const IGNORED_FILES: readonly OptionSpec[] = [
  {
    long: 'ignore-user-config',
    help: "Do not read $CODEX_HOME/config.toml. The administrator's files hold all the same, and so do credentials",
  },
  {
    long: 'ignore-rules',
    help: "Do not read the user's rules ($CODEX_HOME/rules). Those of the administrator's requirements hold all the same",
  },
];
