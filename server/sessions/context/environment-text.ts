/** Tells the model about its working environment: one part of a user message (docs/protocol/turns.md §3). */
import { paths } from '../../system/files/paths.js';
import { timeZone } from '../../system/files/time-zone.js';
import { MODEL_SHELL } from '../../system/programs/model-shell.js';
import type { FilesystemEntry, FilesystemTarget } from '../../config/permissions/permission-profile.js';
import type { ThreadState } from '../live/live-thread.js';

export function environmentText(state: ThreadState, now = new Date()): string {
  const { wire } = state;
  return [
    '<environment_context>',
    `  <cwd>${escape(wire.cwd)}</cwd>`,
    `  <shell>${MODEL_SHELL.name}</shell>`,
    `  <current_date>${localDate(now)}</current_date>`,
    `  <timezone>${timeZone()}</timezone>`,
    `  ${filesystem(state)}`,
    '</environment_context>',
  ].join('\n');
}

function filesystem({ profile, runtimeWorkspaceRoots: roots }: ThreadState): string {
  const shown = roots.map((root) => `<root>${escape(root)}</root>`).join('');
  const workspace = shown === '' ? '' : `<workspace_roots>${shown}</workspace_roots>`;
  return `<filesystem>${workspace}${permissionProfile({ profile, roots })}</filesystem>`;
}

function permissionProfile({ profile, roots }: { profile: ThreadState['profile']; roots: readonly string[] }): string {
  const { filesystem: files } = profile;
  if (files.kind === 'unrestricted') {
    const type = profile.enforcement === 'external' ? 'external' : 'disabled';
    return `<permission_profile type="${type}"><file_system type="unrestricted" /></permission_profile>`;
  }
  const entries = files.entries.flatMap((entry) => entryTexts(entry, roots)).join('');
  return `<permission_profile type="managed"><file_system type="restricted">${entries}</file_system></permission_profile>`;
}

function entryTexts({ target, access }: FilesystemEntry, roots: readonly string[]): string[] {
  return places(target, roots).map((place) => `<entry access="${access}">${place}</entry>`);
}

function places(target: FilesystemTarget, roots: readonly string[]): string[] {
  const path = (text: string): string => `<path>${escape(text)}</path>`;
  switch (target.kind) {
    case 'root':
    case 'minimal':
    case 'tmpdir':
      return [`<special>:${target.kind}</special>`];
    case 'slashTmp':
      return ['<special>:slash_tmp</special>'];
    case 'path':
      return [path(target.path)];
    case 'workspaceRoots':
      return roots.map((root) => path(target.subpath === '' ? root : below(root, target.subpath)));
    case 'glob':
      return (target.base === null ? roots : [target.base]).map(
        (base) => `<glob>${escape(below(base, target.pattern))}</glob>`,
      );
  }
}

const below = (root: string, rest: string): string =>
  paths.windows ? paths.native.join(root, rest) : `${root}/${rest}`;

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The date in the person's time zone. */
function localDate(now: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
