import type { JSX } from 'preact';
import { diffCounts, diffRows } from '../text/diff-rows.js';
import { Badge } from './badge.js';
import { Exact } from './exact.js';

export interface Change {
  readonly path: string;
  readonly kind: { readonly type: 'add' | 'delete' | 'update'; readonly move_path?: string | null };
  readonly diff: string;
}

const KINDS = { add: 'new', delete: 'deleted', update: 'changed' } as const;
const SIGNS = { add: '+', remove: '−', same: '', hunk: '', note: '' } as const;
/** More rows are shown on demand: a large patch must not stop the page. */
const FIRST_ROWS = 400;

/** One file of a patch. */
export function Diff({ change }: { readonly change: Change }): JSX.Element {
  const rows = diffRows(change.diff, change.kind.type === 'delete' ? 'remove' : 'add');
  const { added, removed } = diffCounts(rows);
  const moved = change.kind.move_path;
  return (
    <figure class="diff">
      <figcaption>
        <Badge tone={change.kind.type === 'delete' ? 'bad' : 'plain'}>{KINDS[change.kind.type]}</Badge>
        <Exact text={change.path} />
        {moved && (
          <>
            {' → '}
            <Exact text={moved} />
          </>
        )}
        <span class="diff-counts">
          <span class="added">+{added}</span> <span class="removed">−{removed}</span>
        </span>
      </figcaption>
      <Rows rows={rows.slice(0, FIRST_ROWS)} />
      {rows.length > FIRST_ROWS && (
        <details>
          <summary>{rows.length - FIRST_ROWS} more lines</summary>
          <Rows rows={rows.slice(FIRST_ROWS)} />
        </details>
      )}
    </figure>
  );
}

const Rows = ({ rows }: { readonly rows: ReturnType<typeof diffRows> }): JSX.Element => (
  <div class="diff-scroll" tabIndex={0} role="region" aria-label="Changed lines">
    <table>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index} class={`diff-${row.kind}`}>
            <td class="line-number">{row.before}</td>
            <td class="line-number">{row.after}</td>
            <td class="sign">{SIGNS[row.kind]}</td>
            <td class="line">
              <Exact text={row.text} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
