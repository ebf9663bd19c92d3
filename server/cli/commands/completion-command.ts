/** `codexd completion` and `codexd man`. Both are generated from the command specs at the call. */
import type { CommandSpec } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { CODEXD_VERSION } from '../../package/package-version.js';

export const completionCommand = (root: () => CommandSpec): CommandSpec => ({
  name: 'completion',
  about: 'Print the completion script for a shell',
  details:
    'bash: source <(codexd completion bash) in ~/.bashrc. zsh: source <(codexd completion zsh) in ~/.zshrc, behind compinit. fish: codexd completion fish > ~/.config/fish/completions/codexd.fish',
  options: [],
  positionals: { names: ['SHELL'], possible: ['bash', 'zsh', 'fish'], help: 'The shell (default: bash)' },
  async run({ trailing: [shell = 'bash'] }) {
    const { completionScript } = await import('../completion/index.js');
    print(completionScript(root(), shell));
    return 0;
  },
});

export const manCommand = (root: () => CommandSpec): CommandSpec => ({
  name: 'man',
  about: 'Print the manual page, for man(1)',
  options: [],
  async run() {
    const { manPage } = await import('../completion/index.js');
    print(manPage(root(), CODEXD_VERSION));
    return 0;
  },
});
