import t from 'tap';
import type { DoctorContext } from '../../../server/doctor/findings/context.js';
import { ok } from '../../../server/doctor/findings/finding.js';
import { textReport } from '../../../server/doctor/report.js';
import { runChecks, type Check } from '../../../server/doctor/findings/run-checks.js';

const context = (state: DoctorContext['home']['state'] = 'folder'): DoctorContext => ({
  env: {},
  cwd: '/',
  home: { path: '/home', state, said: '', namedBy: null },
  network: false,
  commandLine: { overrides: [], enable: [], disable: [] },
  source: () => Promise.reject(new Error('not asked')),
});

const check = (id: string, run: Check['run'], more: Partial<Check> = {}): Check => ({
  id,
  title: id,
  limitMs: 60_000,
  run,
  ...more,
});

t.test('a check that hangs is aborted and reported, and the others run', async (t) => {
  let told = false;
  const hangs: Check['run'] = (_context, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        told = true;
        resolve([]);
      });
    });
  const results = await runChecks(
    [check('slow', hangs, { limitMs: 20 }), check('quick', async () => [ok('quick.one', 'fine')])],
    context(),
  );
  t.ok(told);
  t.match(results[0]?.findings, [{ id: 'slow.hung', status: 'fail', what: /no answer within 0\.02 s/ }]);
  t.match(results[1]?.findings, [{ id: 'quick.one', status: 'ok' }]);
});

t.test('a check that throws is reported, at once or later', async (t) => {
  const results = await runChecks(
    [
      check('soon', () => {
        throw new Error('at once');
      }),
      check('late', async () => Promise.reject(new Error('later'))),
    ],
    context(),
  );
  t.match(results[0]?.findings, [{ id: 'soon.broke', status: 'fail', detail: 'at once', fix: /report it/ }]);
  t.match(results[1]?.findings, [{ id: 'late.broke', status: 'fail', detail: 'later' }]);
});

t.test('checks that read the home are skipped while the home does not respond', async (t) => {
  const never = check('reads', async () => t.fail('it was made') as never, { needsHome: true });
  const [result] = await runChecks([never], context('hangs'));
  t.match(result?.findings, [{ id: 'reads.skipped', status: 'skipped' }]);
});

t.test('text of other programs cannot control the terminal', async (t) => {
  const results = await runChecks([check('a', async () => [ok('a.b', 'x\u001b[2J', 'y\u0007')])], context());
  t.notMatch(textReport(results, { summary: false }), /[\u001b\u0007]/);
});
