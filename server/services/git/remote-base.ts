/** The commit of a remote from which the work in a folder began (docs/protocol/services.md §14). */
import type { Git } from './run-git.js';

const REMOTES = 'refs/remotes/';
/** More branches than a person looks at; each costs a run of git. */
const MAX_CANDIDATES = 50;

/** Null: the folder is in no repository, has no commit, or no remote has a branch of its history. */
export async function remoteBase(git: Git): Promise<string | null> {
  const head = await git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  if (head.exitCode !== 0) return null;
  const refs = await git(['for-each-ref', '--format=%(objectname) %(refname) %(symref)', REMOTES]);
  const listed = linesOf(refs.output).map((line) => line.split(' '));
  const remotes = linesOf((await git(['remote'])).output).sort(originFirst);
  if (remotes.length === 0 || listed.length === 0) return null;
  const branch = linesOf((await git(['symbolic-ref', '--quiet', '--short', 'HEAD'])).output)[0] ?? null;
  const containing = linesOf((await git(['for-each-ref', '--format=%(refname)', '--contains=HEAD', REMOTES])).output);

  const commits = new Map(listed.map(([commit = '', name = '']) => [name, commit]));
  const names = new Set([
    ...(branch === null ? [] : [branch]),
    ...remotes.flatMap((remote) => {
      const head = `${REMOTES}${remote}/`;
      const [, , target = ''] = listed.find(([, name]) => name === `${head}HEAD`) ?? [];
      return target.startsWith(head) ? [target.slice(head.length)] : [];
    }),
    'main',
    'master',
    ...containing.flatMap((name) => {
      // eslint-disable-next-line codexd/path-texts -- a name of git's, with slashes on every system
      const remote = remotes.find((one) => name.startsWith(`${REMOTES}${one}/`));
      return remote === undefined ? [] : [name.slice(REMOTES.length + remote.length + 1)];
    }),
  ]);
  let best: { readonly commit: string; readonly distance: number } | null = null;
  for (const name of [...names].slice(0, MAX_CANDIDATES)) {
    const commit = remotes.map((remote) => commits.get(`${REMOTES}${remote}/${name}`)).find((one) => one !== undefined);
    if (commit === undefined) continue;
    const counted = await git(['rev-list', '--count', `${commit}..HEAD`]);
    const distance = counted.exitCode === 0 ? Number(counted.output.trim()) : NaN;
    if (Number.isFinite(distance) && (best === null || distance < best.distance)) best = { commit, distance };
  }
  return best?.commit ?? null;
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const originFirst = (one: string, other: string): number => Number(other === 'origin') - Number(one === 'origin');
