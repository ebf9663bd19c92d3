/**
 * The default socket of this user's clients: the address `unix://` without a path (docs/protocol/transport.md §12).
 */
import path from 'node:path';
import { resolveCodexHome } from './codex-home.js';

export function controlSocketPath(codexHome = resolveCodexHome()): string {
  return path.join(codexHome, 'app-server-control', 'app-server-control.sock');
}
