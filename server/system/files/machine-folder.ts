/** The folder of the administrator's files for the whole machine. */
import type * as machineFiles from '../windows/machine-files.js';

/** Of Windows: what its calls said when the program started. */
let windows: { readonly folder: string; readonly calls: typeof machineFiles } | { readonly error: unknown } | undefined;

/**
 * At the start of the program, before the folder is asked for: loads the calls of Windows. Elsewhere there is nothing
 * to wait for. A failure is thrown by `machineFolder`.
 */
export function prepareMachineFolder(): Promise<void> | undefined {
  return process.platform === 'win32' && windows === undefined ? askWindows() : undefined;
}

async function askWindows(): Promise<void> {
  try {
    const calls = await import('../windows/machine-files.js');
    windows = { folder: calls.findMachineFolder(), calls };
  } catch (error) {
    windows = { error };
  }
}

/**
 * `/etc/codex`; on Windows `OpenAI\Codex` in the folder for programs' data of all users, as the official program. It
 * is asked of Windows and not of the environment, which this user sets. Never `\etc\codex` of the current drive: every
 * user may create that folder on Windows, and so plant requirements. Throws what Windows refused at the start.
 */
export function machineFolder(): string {
  if (process.platform !== 'win32') return '/etc/codex';
  if (windows !== undefined && 'error' in windows) throw windows.error;
  return windows?.folder ?? USUAL;
}
const USUAL = 'C:\\ProgramData\\OpenAI\\Codex';

/**
 * Why a file of that folder does not count, with the way out; null: it counts; `missing`: it is not there any more.
 * `/etc` is the administrator's alone. On Windows no file counts before `prepareMachineFolder` has ended.
 */
export function machineFileDistrust(file: string): string | 'missing' | null {
  if (process.platform !== 'win32') return null;
  if (windows === undefined || 'error' in windows) return 'its owner has not been asked for yet';
  return windows.calls.distrustOfFile(windows.folder, file);
}
