/** Terminals of systems that have consoles instead of pseudo terminals with a device: Windows. */
import type { ProgramStart } from '../windows/start-form.js';
import type { TerminalOptions, TerminalProgram } from '../windows/streams/terminal.js';

export type { TerminalProgram } from '../windows/streams/terminal.js';

/** Whether terminals are consoles here. */
export const HAS_CONSOLES = process.platform === 'win32';

/** Only where HAS_CONSOLES. Starts a program on a terminal (windows/streams/terminal.ts). */
export const startOnConsole = async (start: ProgramStart, options: TerminalOptions): Promise<TerminalProgram> =>
  (await import('../windows/streams/terminal.js')).startOnTerminal(start, options);
