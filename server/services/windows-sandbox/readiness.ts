/** Whether the Windows sandbox can be used, as clients ask it (docs/protocol/services.md §12). */
import { paths } from '../../system/files/paths.js';
import type { WindowsSettings } from '../../config/settings/windows-settings.js';
import { readSetup } from '../../sandbox/windows/setup-state.js';

export interface ReadinessOf {
  readonly codexHome: string;
  readonly mode: WindowsSettings['mode'];
  /** What the daemon wants of the rules now. */
  readonly allowLocalBinding: boolean;
}

/**
 * As the official program: `unelevated` needs no set-up; `elevated` without a set-up of this version and these rules
 * needs one. `windows`: for tests. Throws what the file system throws.
 */
export function readiness(
  { codexHome, mode, allowLocalBinding }: ReadinessOf,
  windows = paths.windows,
): 'ready' | 'notConfigured' | 'updateRequired' {
  if (!windows || mode === null || mode === 'unknown') return 'notConfigured';
  if (mode === 'unelevated') return 'ready';
  const setup = readSetup(codexHome);
  return setup.status === 'ready' && setup.marker.allowLocalBinding === allowLocalBinding ? 'ready' : 'updateRequired';
}
