/** Every command of the program, in the order of its help. */
import { APP_SERVER } from './app-server-command.js';
import { STRICT_CONFIG, type CommandSpec } from './command-spec.js';
import { completionCommand, manCommand } from './completion-command.js';
import { CONFIG } from './config-command.js';
import { DOCTOR } from './doctor-command.js';
import { OPTIONS_BEFORE_EXEC } from './exec-command-options.js';
import { EXEC, REVIEW } from './exec-command.js';
import { FEATURES } from './features-command.js';
import { LOGIN, LOGOUT } from './login-command.js';
import { recordCommand } from './record-command.js';
import { SANDBOX } from './sandbox-command.js';
import { SESSION_COMMANDS, THREADS } from './threads-command.js';
import { TRUST } from './trust-command.js';

export const CODEXD: CommandSpec = {
  name: 'codexd',
  about: 'An open implementation of the Codex app-server',
  options: [...OPTIONS_BEFORE_EXEC, STRICT_CONFIG],
  handsOptionsDown: true,
  subcommands: [
    APP_SERVER,
    EXEC,
    REVIEW,
    recordCommand(() => CODEXD),
    SANDBOX,
    CONFIG,
    TRUST,
    THREADS,
    ...SESSION_COMMANDS,
    FEATURES,
    LOGIN,
    LOGOUT,
    DOCTOR,
    completionCommand(() => CODEXD),
    manCommand(() => CODEXD),
  ],
};
