/** Whether the process at the other end of a connection is in any sandbox, codexd's or another. */
import type { Ends, OwnerOf } from '../windows/tcp-owners.js';
import type { SandboxMembers } from './sandbox-members.js';

/**
 * True as well if no process of this user has the other end. A peer on another machine has none here: only loopback is
 * asked about.
 */
export async function isSandboxedPeer(
  ends: Ends,
  ownerOf: OwnerOf,
  { isSandboxed }: Pick<SandboxMembers, 'isSandboxed'>,
): Promise<boolean> {
  const owner = await ownerOf(ends);
  if (owner === undefined) return true;
  return isSandboxed(owner.pid) || !(await owner.isStillIts());
}
