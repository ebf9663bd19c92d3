/** What the parts about files need before the program does anything. */
import { prepareMachineFolder } from './machine-folder.js';
import { preparePrivateFiles } from './private-files.js';

/** Loads the calls of Windows, and never fails there: what needs them does. Elsewhere there is nothing to wait for. */
export function prepareFiles(): Promise<unknown> | undefined {
  const parts = [prepareMachineFolder(), preparePrivateFiles()].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : Promise.all(parts);
}
