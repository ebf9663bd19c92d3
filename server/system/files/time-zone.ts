/**
 * The name of this machine's time zone, such as `Europe/Berlin`, from where Unix systems keep it.
 *
 * Intl knows it as well, but its first use costs 17 ms, on the way to the first request of a model.
 */
import fs from 'node:fs';
import path from 'node:path';

export interface TimeZoneSources {
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** A link to the file of the zone. */
  readonly localtime?: string;
  /** The folder with a file for each zone. */
  readonly zones?: string;
}

/** Never throws. A variable TZ that names no zone is UTC, as for the C library. */
export function timeZone({
  env = process.env,
  localtime = '/etc/localtime',
  zones = '/usr/share/zoneinfo',
}: TimeZoneSources = {}): string {
  if (!fs.existsSync(zones)) return ofIntl();
  const asked = env['TZ']?.replace(/^:/, '') ?? '';
  if (asked === '') return linked(localtime) ?? ofIntl();
  const name = asked.startsWith(`${zones}/`) ? asked.slice(zones.length + 1) : asked;
  return NAME.test(name) && fs.existsSync(path.join(zones, name)) ? name : UTC;
}

const UTC = 'UTC';
const NAME = /^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*$/;

function linked(file: string): string | null {
  try {
    const name = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(fs.readlinkSync(file))?.[1];
    return name !== undefined && NAME.test(name) ? name : null;
  } catch {
    // A copy of the file, or none: nobody can read the name from it.
    return null;
  }
}

/** Its types promise a name, but there is none for a variable TZ that it does not know. */
function ofIntl(): string {
  const { timeZone: found }: { readonly timeZone?: string } = Intl.DateTimeFormat().resolvedOptions();
  return found ?? UTC;
}
