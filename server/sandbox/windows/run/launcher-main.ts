/** dist/sandbox-launcher.cjs. */
import { helperCommand } from '../../../package/helper-command.js';
import { runLauncher } from './launcher-program.js';
import { sandboxSecret } from './sandbox-secret.js';
import { createStartAs } from './start-as.js';

runLauncher({ startAs: createStartAs(sandboxSecret), runner: helperCommand('sandbox-runner') });
