import t from 'tap';
import {
  errorInAnswer,
  errorObjectError,
  statusError,
} from '../../../../server/sessions/model/provider/model-errors.js';

const url = 'http://model/v1/responses';
const head = '<!DOCTYPE html><html><head><title>502 Bad Gateway</title>';
const page = `${head}<style>${'a{b:c}'.repeat(500)}</style></head><body><h1>Sorry</h1>${'<p>again</p>'.repeat(500)}</body>`;

t.test('an HTML page is shown as the beginning of its text', (t) => {
  for (const status of [400, 502]) {
    const { message } = statusError(status, page, { url });
    t.match(message, /502 Bad Gateway Sorry again again .*…/);
    t.notMatch(message, /[<{]/);
    t.ok(message.length < 450, `${message.length} characters`);
  }
  t.match(errorInAnswer(page, url)?.message, /is not a stream of events: 502 Bad Gateway Sorry .*…, url: /);
  t.end();
});

t.test('an empty body is said in the words of the protocol', (t) => {
  t.equal(statusError(502, '', { url }).message, `unexpected status 502 Bad Gateway: Unknown error, url: ${url}`);
  t.end();
});

t.test('the reason in an answer that is not a stream, in the forms of servers', (t) => {
  for (const body of [
    { error: { message: 'asleep' } },
    { error: { detail: 'asleep' } },
    { error: 'asleep' },
    { message: 'asleep', code: 7 },
    { detail: 'asleep' },
    { object: 'error', message: 'asleep' },
    [{ error: { message: 'asleep' } }],
  ])
    t.equal(
      errorInAnswer(JSON.stringify(body), url)?.message,
      `the model endpoint reports: asleep, url: ${url}`,
      JSON.stringify(body),
    );
  t.match(errorInAnswer('{"status":"ok"}', url)?.message, /is not a stream of events: \{"status":"ok"\}, url: /);
  t.match(errorInAnswer('[]', url)?.message, /is not a stream of events: \[\], url: /);
  t.end();
});

t.test('an answer of a model is no error', (t) => {
  for (const body of [
    { object: 'response', error: null, output: [] },
    { output: [], message: 'of the server' },
    { choices: [], detail: 'of the server' },
    { type: 'response.completed', response: {} },
  ])
    t.equal(errorInAnswer(JSON.stringify(body), url), null, JSON.stringify(body));
  t.end();
});

t.test('the reason of an error event, in the forms of servers', (t) => {
  for (const value of [
    'asleep',
    { error: 'asleep' },
    { type: 'error', message: 'asleep', code: null },
    { type: 'error', error: { type: 'x', message: 'asleep' } },
    { error: { message: '', detail: 'asleep' } },
    { detail: 'asleep' },
    { type: 'error', status: 400, error: { message: ' asleep ' } },
  ])
    t.equal(errorObjectError(value).message, 'stream disconnected before completion: asleep', JSON.stringify(value));
  t.match(errorObjectError({ type: 'error', cause: 'disk' }).message, /reported an error: \{"cause":"disk"\}$/);
  t.match(errorObjectError({ type: 'error' }).message, /the endpoint reported an error$/);
  t.match(errorObjectError(null).message, /the endpoint reported an error$/);
  t.equal(errorObjectError({ error: { code: 'insufficient_quota', message: 'x' } }).info, 'usageLimitExceeded');
  t.equal(errorObjectError({ code: 'context_length_exceeded', message: 'x' }).info, 'contextWindowExceeded');
  t.equal(errorObjectError({ error: 'x', code: 'slow_down' }).info, 'rateLimitExceeded');
  t.end();
});
