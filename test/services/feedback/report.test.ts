import t from 'tap';
import { silentLogger } from '../../../server/log/log.js';
import { makeReport } from '../../../server/services/feedback/report.js';
import { createThreadStore } from '../../../server/sessions/store/create-thread-store.js';
import { newId } from '../../../server/sessions/store/records/thread-id.js';

t.test('the hash of the instructions counts words, not blanks; a thread without any has none', async (t) => {
  const store = createThreadStore({ codexHome: t.testdir(), log: silentLogger });
  const hashOf = async (text: string | null): Promise<string | null> => {
    const id = newId();
    const writer = await store.create({
      ...{ id, timestamp: new Date().toISOString(), cwd: '/w', originator: 't', cli_version: '1' },
      ...(text === null ? {} : { base_instructions: { text } }),
    });
    writer.append([{ type: 'event_msg', payload: { type: 'user_message', message: 'x' } }]);
    await writer.close();
    const asked = { classification: 'bug', reason: null, includeLogs: false, extraLogFiles: null, tags: null };
    const report = await makeReport(store, { ...asked, id }, []);
    t.equal(report.threadId, id);
    return report.promptHash;
  };
  t.equal(await hashOf(null), null);
  t.equal(await hashOf('Be  nice.\n'), await hashOf('Be nice.'));
  t.not(await hashOf('Be nice.'), await hashOf('Benice.'));
});
