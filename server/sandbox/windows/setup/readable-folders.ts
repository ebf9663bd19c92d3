/**
 * The folders that the users of the sandbox may read beside what every user of the machine reads.
 *
 * Rule: codexd and its Node, without which no command starts; the folders of the person's profile that are for work.
 * Not among them: names that begin with a dot (.ssh, .aws, .codex), AppData with the browsers' files, what is hidden.
 * Tools that are installed for one person are in two folders of AppData, which are.
 * Non-scope: workspaces elsewhere, which each command's own plan adds (access-list.ts).
 */
import fs from 'node:fs';
import path from 'node:path';
import { listFolder } from '../../../system/files/path-bytes.js';
import { packageRoot } from '../../../package/package-root.js';

const TOOLS = [path.join('AppData', 'Local', 'Programs'), path.join('AppData', 'Roaming', 'npm')];
/** Folders of Windows' own in a profile; some are links that only old programs follow. */
const NOT_FOR_WORK =
  /^(?:\.|AppData$|Application Data$|Cookies$|Local Settings$|NetHood$|PrintHood$|Recent$|SendTo$|NTUSER|MicrosoftEdgeBackups$)/i;

/** `profile`: the person's folder, absolute. */
export function readableFolders(profile: string): readonly string[] {
  const own = [packageRoot(), path.dirname(process.execPath)];
  const tools = TOOLS.map((folder) => path.join(profile, folder)).filter((folder) => fs.existsSync(folder));
  return [...new Set([...own, ...workFolders(profile), ...tools].map(real))];
}

function workFolders(profile: string): readonly string[] {
  try {
    const entries = listFolder(profile);
    // A link is no folder here: its target has its own list.
    return entries.flatMap((entry) =>
      entry.kind === 'folder' && !NOT_FOR_WORK.test(entry.name) ? [path.join(profile, entry.name)] : [],
    );
  } catch {
    return []; // Closed to this process: commands do not read it either.
  }
}

const real = (folder: string): string => fs.realpathSync.native(folder);
