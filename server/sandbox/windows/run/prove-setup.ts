/** The proof at the end of a set-up: both users, before the marker is written. */
import { silentLogger } from '../../../log/log.js';
import { sandboxFolder } from '../../../system/files/scratch.js';
import type { SetupMarker } from '../setup-state.js';
import type { Wall } from './walls.js';
import { proveHere, windowsParts } from './windows-parts.js';
import { createWindowsSandbox, type WindowsParts } from './windows-sandbox.js';

/**
 * The walls of both users, as the marker names them. The passwords are stored. Never throws. `changes`: for tests.
 */
export async function proveSandbox(
  codexHome: string,
  marker: SetupMarker,
  changes: Partial<WindowsParts> = {},
  canary?: readonly string[],
): Promise<readonly Wall[]> {
  const all: Wall[] = [];
  const parts: WindowsParts = {
    ...windowsParts(codexHome),
    readSetup: () => ({ status: 'ready', marker }),
    prove: async (identity, setup, wrap) => {
      const walls = await proveHere(codexHome, identity, setup, wrap, canary);
      all.push(...walls.map((wall) => ({ ...wall, name: `${identity.user}: ${wall.name}` })));
      return { ok: true }; // The caller judges; here it lets the next user be tried.
    },
    ...changes,
  };
  const options = {
    codexHome,
    runtimeDir: sandboxFolder(codexHome),
    hiddenPaths: [],
    homeNames: [],
    settings: () => ({ mode: 'elevated', privateDesktop: true }) as const,
    log: silentLogger,
  };
  await createWindowsSandbox(options, parts).status();
  return all;
}
