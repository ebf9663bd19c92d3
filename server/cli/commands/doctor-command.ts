/** `codexd doctor`: checks everything that codexd needs, and says what to do about missing parts. */
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, type CommandSpec } from '../options/command-spec.js';
import { print } from '../output/print.js';

export const DOCTOR: CommandSpec = {
  name: 'doctor',
  about: 'Look at this installation, and say what to do where something is missing',
  details:
    'Runs commands in the sandbox (reading, writing, on the network, on a terminal), and looks at Node, the package, the kernel, the homes, the configuration, the model provider and other daemons. Exit code 1: something failed. It changes nothing and shows no secrets.',
  options: [
    { long: 'json', help: 'Print one JSON object instead of text' },
    { long: 'summary', conflicts: ['json'], help: 'Print only what is not as it should be' },
    {
      long: 'network',
      help: 'Also ask a model endpoint that is not on this machine whether it answers (no key is sent)',
    },
  ],
  run: async (parsed) => {
    const { runDoctor } = await import('../../doctor/index.js');
    const { text, exitCode } = await runDoctor({
      json: isGiven(parsed, 'json'),
      summary: isGiven(parsed, 'summary'),
      network: isGiven(parsed, 'network'),
      commandLine: commandLineConfig(parsed),
    });
    print(text);
    return exitCode;
  },
};
