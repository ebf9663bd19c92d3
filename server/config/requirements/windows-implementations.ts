/** Which sandboxes of Windows an administrator allows: `[windows]` of requirements.toml. */
import { isList, tableAt } from '../toml/value.js';
import type { Requirements } from './requirements.js';

/**
 * Why a value of `[windows] sandbox` is not allowed; null: it is. With `require_mxc` none is, because codexd has no
 * such sandbox.
 */
export function implementationRefusal(mode: string, { table, source }: Requirements): string | null {
  const { allowed_sandbox_implementations: allowed, require_mxc: onlyMxc } = tableAt(table, 'windows');
  if (onlyMxc === true)
    return `the requirements demand the sandbox \`mxc\`, which codexd does not have (\`windows.require_mxc\`, set by ${source})`;
  if (allowed === undefined || !isList(allowed) || allowed.includes(mode)) return null;
  return `\`windows.sandbox = "${mode}"\` is disallowed by requirements; allowed are [${allowed.map(String).join(', ')}] (\`windows.allowed_sandbox_implementations\`, set by ${source})`;
}
