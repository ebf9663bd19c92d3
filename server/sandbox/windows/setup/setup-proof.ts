/** The canaries of a set-up: those of a daemon's first use, with the marker that is not written yet. */
import { hiddenScratch, sandboxFolder } from '../../../system/files/scratch.js';
import { proofResult, proveHere, windowsParts } from '../run/windows-parts.js';
import { createWindowsSandbox, type WindowsParts } from '../run/windows-sandbox.js';
import type { ProvedWall, ProveSandbox } from './setup-system.js';

/** Ends with the first user whose walls do not all hold. Never throws. */
export const proveSetup: ProveSandbox = async (codexHome, marker) => {
  return await provedBy(codexHome, marker, windowsParts(codexHome), proveHere);
};

/** `prove` tries the walls of one user. */
export async function provedBy(
  codexHome: string,
  marker: Parameters<ProveSandbox>[1],
  parts: WindowsParts,
  prove: (...args: Parameters<typeof proveHere>) => Promise<readonly ProvedWall[]>,
): Promise<readonly ProvedWall[]> {
  const walls: ProvedWall[] = [];
  const sandbox = createWindowsSandbox(
    {
      codexHome,
      runtimeDir: sandboxFolder(codexHome),
      hiddenPaths: hiddenScratch(),
      homeNames: [],
      settings: () => ({ mode: 'elevated', privateDesktop: true }),
      log: { warn: () => undefined, debug: () => undefined },
    },
    {
      ...parts,
      readSetup: () => ({ status: 'ready', marker }),
      prove: async (identity, setup, wrap) => {
        const found = await prove(codexHome, identity, setup, wrap);
        walls.push(...found.map(({ name, result }) => ({ name: `${identity.user}: ${name}`, result })));
        return proofResult(found);
      },
    },
  );
  await sandbox.status();
  return walls;
}
