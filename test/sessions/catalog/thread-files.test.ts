/** Which of a thread's files is the live one. */
import t from 'tap';
import { liveOf, pathOf, threadHead } from '../../../server/sessions/catalog/thread-files.js';
import { readHeadOf, rowOf, uid } from './row-support.js';

t.test('the newest segment is live; of two copies the plain one, and the one in sessions', async (t) => {
  const first = rowOf(1);
  const segment = rowOf(1, { segment: uid(9), name: `rollout-2025-10-01T10-00-01-${uid(1)}_${uid(9)}.jsonl` });
  t.equal(liveOf([segment, first]), segment);
  const packed = rowOf(1, { name: `${first.name}.zst` });
  t.equal(liveOf([first, packed]), first);
  const archived = rowOf(1, { folder: '/archived', archived: true });
  t.equal(liveOf([first, archived]), first);
  t.equal(liveOf([archived]), archived);
});

t.test('what lists show, with the files in the order of the history', async (t) => {
  const first = rowOf(1, { name: `rollout-2025-10-01T10-00-01-${uid(1)}.jsonl.zst` });
  const segment = rowOf(1, { segment: uid(9), name: `rollout-2025-10-01T10-00-01-${uid(1)}_${uid(9)}.jsonl` });
  const plain = pathOf(first).replace(/\.zst$/, '');
  t.match(threadHead(segment, [segment, first]), {
    id: uid(1),
    historyMode: 'legacy',
    preview: 'hello',
    hasUserMessage: true,
    createdAtMs: 1000,
    updatedAtMs: 5,
    files: { path: pathOf(segment), stored: pathOf(segment), archived: false, segments: [plain, pathOf(segment)] },
  });
  t.match(threadHead(first, []), { files: { path: plain, stored: pathOf(first) } }, 'its own file alone');
  t.match(threadHead(rowOf(1, { head: readHeadOf(1, null) }), []), { preview: '', hasUserMessage: false });
});
