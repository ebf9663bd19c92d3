/**
 * A configuration profile: `NAME.config.toml` of the Codex home, which lies over its config.toml (`--profile NAME`).
 */
import path from 'node:path';

/** Why a word cannot name a profile; undefined: it can. It becomes part of a file's name, and must not be a path. */
export function profileNameProblem(name: string): string | undefined {
  if (/^[A-Za-z0-9_-]+$/.test(name)) return undefined;
  return `invalid --profile value \`${name}\`; pass a plain name such as \`work\``;
}

/** The profile's file. Throws for a name that is none. */
export function profileFile(codexHome: string, name: string): string {
  const wrong = profileNameProblem(name);
  if (wrong !== undefined) throw new Error(wrong);
  return path.join(codexHome, `${name}.config.toml`);
}
