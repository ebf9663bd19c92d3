/** The editor of messages, with completion of commands and files. */
import { CombinedAutocompleteProvider, Editor, type TUI } from '@earendil-works/pi-tui';
import { SLASH_COMMANDS } from '../commands/slash-commands.js';
import type { Styles } from '../text/styles.js';
import { listTheme } from './choice-list.js';

export interface EditorOptions {
  readonly styles: Styles;
  /** The server is on another machine: files of this one are no help. */
  readonly isElsewhere: boolean;
  readonly submit: (text: string) => void;
}

export function messageEditor(tui: TUI, { styles, isElsewhere, submit }: EditorOptions): Editor {
  const editor = new Editor(tui, { borderColor: styles.dim, selectList: listTheme(styles) });
  const commands = SLASH_COMMANDS.map(({ name, about }) => ({ name, description: about }));
  const completion = new CombinedAutocompleteProvider(commands, process.cwd());
  if (isElsewhere) completion.shouldTriggerFileCompletion = () => false;
  editor.setAutocompleteProvider(completion);
  editor.onSubmit = submit;
  return editor;
}
