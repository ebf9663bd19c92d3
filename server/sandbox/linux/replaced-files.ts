/**
 * Files that a command sees in the place of the system's.
 *
 * Rule: a file that is not there, or that the command does not see, is not replaced: nothing becomes visible this way.
 */
import { statIfThere } from '../../system/files/look.js';
import { realPath } from '../../system/files/paths.js';
import { ROOT_FILES } from '../../system/programs/system-roots.js';
import type { SandboxPlan } from '../policy/policy.js';

export interface Replaced {
  readonly place: string;
  readonly by: string;
}

/** Where the file really is, if the command sees it. */
export function seenPlace(file: string, plan: Pick<SandboxPlan, 'sees'>): string | null {
  if (statIfThere(file)?.isFile() !== true) return null;
  const place = realPath(file);
  return plan.sees(place) ? place : null;
}

/**
 * The system's root certificates, for programs that read no variable for them (wget, others with GnuTLS), and for those
 * that start with an empty environment.
 */
export function replacedRoots(by: string, plan: Pick<SandboxPlan, 'sees'>): readonly Replaced[] {
  const places = ROOT_FILES.map((file) => seenPlace(file, plan)).filter((place) => place !== null);
  return [...new Set(places)].map((place) => ({ place, by }));
}
