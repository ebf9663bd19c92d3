/**
 * A configuration profile: `NAME.config.toml` in the Codex home, which overrides config.toml (`--profile NAME`).
 */
import path from 'node:path';
import { CodexdError } from '../../errors/codexd-error.js';

/** Why a word cannot name a profile; undefined: it can. The name is part of a file name, so it must not be a path. */
export function profileNameProblem(name: string): string | undefined {
  if (/^[A-Za-z0-9_-]+$/.test(name)) return undefined;
  return `invalid --profile value \`${name}\`; pass a plain name such as \`work\``;
}

/** The file of a profile. Throws Error for an invalid name. */
export function profileFile(codexHome: string, name: string): string {
  const wrong = profileNameProblem(name);
  if (wrong !== undefined) throw new CodexdError('cli.input', wrong);
  return path.join(codexHome, `${name}.config.toml`);
}
