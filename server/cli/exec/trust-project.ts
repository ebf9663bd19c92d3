/** `codexd exec --trust`: marks the project as trusted, with the entry that a person would write into config.toml. */
import { execError } from './exec-error.js';
import type { Client } from '../../../clients/typescript/index.js';
import { findProjectRoot } from '../../config/layers/project-layers.js';

/**
 * The project of `cwd` is its Git repository, or the folder itself. Throws `cli.exec` when the configuration marks it
 * as untrusted.
 */
export async function trustProject(client: Client, cwd: string): Promise<void> {
  const root = findProjectRoot(cwd, ['.git']) ?? cwd;
  const { config } = await client.request('config/read', { includeLayers: false });
  const projects =
    (config as { readonly projects?: Readonly<Record<string, { readonly trust_level?: string | null }>> | null })
      .projects ?? {};
  const untrusted = [root, cwd].find((folder) => projects[folder]?.trust_level === 'untrusted');
  if (untrusted !== undefined) {
    throw execError(
      `--trust: config.toml says that ${untrusted} is untrusted, and that stands. Change the entry there to trust it.`,
    );
  }
  if (projects[root]?.trust_level === 'trusted') return;
  await client.request('config/value/write', {
    keyPath: `projects."${root.replace(/["\\]/g, '\\$&')}".trust_level`,
    value: 'trusted',
    mergeStrategy: 'upsert',
  });
}
