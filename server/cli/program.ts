/** Every command of the program, in the order of its help. */
import { APP_SERVER, CONSOLE_COMMAND } from './commands/app-server-command.js';
import { STRICT_CONFIG, type CommandSpec } from './options/command-spec.js';
import { CHAT } from './commands/chat-command.js';
import { completionCommand, manCommand } from './commands/completion-command.js';
import { CONFIG } from './commands/config-command.js';
import { DOCTOR } from './commands/doctor-command.js';
import { OPTIONS_BEFORE_EXEC } from './options/exec-command-options.js';
import { EXEC, REVIEW } from './commands/exec-command.js';
import { FEATURES } from './commands/features-command.js';
import { HOOKS } from './commands/hooks-command.js';
import { LOGIN, LOGOUT } from './commands/login-command.js';
import { MCP, MCP_SERVER } from './commands/mcp-command.js';
import { PLUGIN_COMMAND } from './commands/plugin-command.js';
import { recordCommand } from './commands/record-command.js';
import { SANDBOX } from './commands/sandbox-command.js';
import { SESSION_COMMANDS, THREADS } from './commands/threads-command.js';
import { TRUST } from './commands/trust-command.js';
import { WINDOWS_SETUP } from './commands/windows-setup-command.js';

export const CODEXD: CommandSpec = {
  name: 'codexd',
  about: 'An open implementation of the Codex app-server',
  options: [...OPTIONS_BEFORE_EXEC, STRICT_CONFIG],
  handsOptionsDown: true,
  subcommands: [
    CHAT,
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
    MCP,
    MCP_SERVER,
    PLUGIN_COMMAND,
    HOOKS,
    LOGIN,
    LOGOUT,
    CONSOLE_COMMAND,
    DOCTOR,
    WINDOWS_SETUP,
    completionCommand(() => CODEXD),
    manCommand(() => CODEXD),
  ],
};
