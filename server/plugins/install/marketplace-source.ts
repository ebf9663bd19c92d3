/** What `marketplace/add` is given: a folder, or a Git repository (docs/protocol/services.md §10 "Marketplaces"). */
import os from 'node:os';
import path from 'node:path';
import { invalidRequest } from '../../errors/rpc-error.js';
import { paths } from '../../system/files/paths.js';

export type MarketSource =
  | { readonly kind: 'local'; readonly folder: string }
  | { readonly kind: 'git'; readonly url: string; readonly ref: string | null };

/** `cwd`: for relative folders. Throws RpcError. */
export function marketSource(given: string, cwd: string, refName: string | null): MarketSource {
  const text = given.trim();
  if (text === '') throw invalidRequest('marketplace source must not be empty');
  const folder = folderOf(text, cwd);
  if (folder !== null) return { kind: 'local', folder };
  const [url, ref] = splitRef(text);
  const known = gitUrl(url);
  if (known === null)
    throw invalidRequest(
      'invalid marketplace source format; expected owner/repo, a git URL, or a local marketplace path',
    );
  const wanted = refName ?? ref;
  if (wanted !== null && !isRef(wanted)) throw invalidRequest(`\`${wanted}\` is no name of a branch, tag or commit`);
  return { kind: 'git', url: known, ref: wanted };
}

/** Null: the text is no path of a folder. */
function folderOf(text: string, cwd: string): string | null {
  const below = paths.inHome(text, os.homedir());
  if (below !== null) return below;
  return path.isAbsolute(text) || /^\.{1,2}(?:[\\/]|$)/.test(text) ? path.resolve(cwd, text) : null;
}

/** `URL#REF` and `OWNER/REPO@REF`. */
function splitRef(text: string): readonly [url: string, ref: string | null] {
  const hash = text.lastIndexOf('#');
  if (hash > 0) return [text.slice(0, hash), text.slice(hash + 1)];
  const at = /^([\w.-]+\/[\w.-]+)@(.+)$/.exec(text);
  return at === null ? [text, null] : [at[1] ?? '', at[2] ?? ''];
}

/** Null: codexd clones no such address. Others, such as `ext::`, run programs. */
function gitUrl(text: string): string | null {
  if (/^[\w.-]+\/[\w.-]+$/.test(text)) return `https://github.com/${text.replace(/\.git$/, '')}.git`;
  if (/^(?:https?|ssh|file):\/\/[^\s-]/.test(text) && URL.canParse(text)) return text;
  return /^[\w.-]+@[\w.-]+:[^\s-]/.test(text) ? text : null;
}

/** No option, and nothing that Git reads in another way. */
export const isRef = (text: string): boolean => /^[\w][\w./+-]*$/.test(text) && !text.includes('..');
