/**
 * How a program becomes the leader of a session with the terminal on its stdin as its controlling terminal.
 *
 * Linux has setsid(1). macOS has no such program: there node-pty's own spawn-helper, which is published beside its
 * native part, opens the terminal by its name as the first one of a new session, enters a folder and executes a
 * program (src/unix/spawn-helper.cc of node-pty 1.1.0).
 */
import { packageRoot } from '../../package/package-root.js';
import { nativeProgram } from '../node/native-module.js';
import { systemProgram } from './system-program.js';

export interface TerminalLeader {
  /** Words before the command's own, inside of its sandbox. */
  readonly inner: readonly string[];
  /** Words before the whole command line: the started process leads a session already. Empty: it must lead none. */
  readonly outer: readonly string[];
}

/** Throws `machine.program` or `machine.native-module` where there is no such program. */
export const terminalLeader = (platform: NodeJS.Platform = process.platform): TerminalLeader =>
  platform === 'darwin'
    ? // The first argument is the folder to enter; empty: it stays.
      { inner: [], outer: [nativeProgram(packageRoot(), 'spawn-helper'), ''] }
    : { inner: [systemProgram('setsid'), '-c', '--'], outer: [] };
