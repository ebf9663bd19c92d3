/** A separate process that writes facts as fast as it can and reports each written one. */
import '../../fixtures/prepared.js';
import { openJournal, type Entry } from '../../../server/sessions/catalog/journal.js';

const [folder = '', name = ''] = process.argv.slice(2);
const texts = new Set<string>();
const journal = openJournal({
  folder,
  compactFrom: 4096,
  state: {
    apply: (entry: Entry) => void texts.add(String(entry['text'])),
    entries: () => [...texts].map((text) => ({ k: 'text', text })),
    reset: () => texts.clear(),
  },
});
for (let n = 0; ; n++) {
  const text = `${name}.${n}`;
  journal.append({ k: 'text', text });
  // Each text several times, so that there is something to compact.
  for (let again = 0; again < 6; again++) journal.append({ k: 'text', text });
  process.stdout.write(`${text}\n`);
  if (n % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
}
