import t from 'tap';
import { createResponseSearches } from '../../../../server/sessions/turn/answer/response-searches.js';
import { responseContext } from './response-support.js';

t.test('a search is started once, and completed with what it did', async (t) => {
  const context = responseContext();
  const searches = createResponseSearches(context);
  searches.begin({ type: 'web_search_call', id: 'w1' });
  const whole = { type: 'web_search_call', id: 'w1', action: { type: 'search', query: 'q', x: 1 } } as const;
  searches.done(whole);
  searches.done({ type: 'web_search_call', id: 'w2', action: { type: 'open_page', url: 'http://h/' } });
  searches.begin({ type: 'web_search_call', id: 'w3' });
  searches.completeOpen();
  t.strictSame(context.told, [
    'started webSearch w1',
    'completed webSearch w1',
    'started webSearch w2',
    'completed webSearch w2',
    'started webSearch w3',
    'completed webSearch w3',
  ]);
  t.match(context.items, [
    { query: 'q', action: { type: 'search', query: 'q', queries: null } },
    { query: 'http://h/', action: { type: 'openPage', url: 'http://h/' } },
    { query: '', action: { type: 'other' } },
  ]);
  t.strictSame(context.records[0], whole, 'the history keeps every member');
  t.equal(context.records.length, 2);
});
