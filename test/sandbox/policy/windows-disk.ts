/** An invented disk of Windows, for tests on every platform. */
import type { FileView, PathEntry } from '../../../server/sandbox/policy/file-view.js';
import { WINDOWS_PATHS } from '../../../server/system/files/paths.js';

type Node = 'file' | Link | Folder;
interface Link {
  readonly link: string;
}
interface Folder {
  readonly [name: string]: Node;
}

const isLink = (node: Node): node is Link => typeof node === 'object' && typeof node.link === 'string';

/** A disk without case, by drives and shares. A name may have a short form: `Program Files|PROGRA~1`. */
function disk(roots: Readonly<Record<string, Node>>): FileView {
  const { key, nameKey, parts, above } = WINDOWS_PATHS;
  const child = (node: Node | undefined, name: string): [string, Node] | undefined =>
    node === undefined || node === 'file' || isLink(node)
      ? undefined
      : Object.entries(node).find(([names]) => names.split('|').some((one) => nameKey(one) === nameKey(name)));
  return {
    paths: WINDOWS_PATHS,
    look(place): PathEntry {
      const { root, names } = parts(place);
      const drive = Object.entries(roots).find(([name]) => key(name) === key(root));
      if (!drive) return { kind: 'missing' };
      let [spelled, node]: [string, Node] = drive;
      for (const name of names) {
        const found = child(node, name);
        if (!found) return { kind: 'missing' };
        if (isLink(node)) throw new TypeError(`${above(place)} is a link`);
        spelled = WINDOWS_PATHS.native.join(spelled, found[0].split('|')[0] as string);
        node = found[1];
      }
      if (node === 'file') return { kind: 'file', spelled };
      return isLink(node) ? { kind: 'link', target: node.link } : { kind: 'folder', spelled };
    },
  };
}

export const DISK = disk({
  'C:\\': {
    Windows: {},
    'Program Files|PROGRA~1': {},
    Users: { me: { '.codex': 'file' } },
    work: {
      '.git': {},
      'Long Name|LONGNA~1': { secret: 'file' },
      away: { link: 'D:\\data\\' },
      round: { link: 'round' },
    },
    tmp: {},
  },
  'D:\\': { data: { inside: {} } },
  '\\\\host\\share\\': { team: {} },
});
