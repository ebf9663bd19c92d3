/** The chain of processes is real; the question to the person is replaced. */
import t from 'tap';
import { isReportPipe, runElevated, sendReport } from '../../../../server/sandbox/windows/setup/elevate.js';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';
import { onWindows } from '../../../fixtures/windows.js';

const command = (pipe: string) => ['setup.exe', '--report', pipe] as const;

t.test('only pipes of a set-up are written to', async (t) => {
  t.ok(isReportPipe('\\\\.\\pipe\\codexd-setup-123e4567-e89b-12d3-a456-426614174000'));
  for (const name of ['C:\\file', '\\\\server\\pipe\\codexd-setup-x', '\\\\.\\pipe\\codexd-setup-..\\x', ''])
    t.notOk(isReportPipe(name));
});

/** A process whose end is decided by the test. */
const parts = (
  runAs: (file: string, words: string) => number | Win32Error,
  exitCode: () => number | null = () => null,
) => {
  const closed: number[] = [];
  return { runAs, exitCode, close: (process: number) => void closed.push(process), closed };
};

t.test('the report counts, and what is no report does not', onWindows, async (t) => {
  for (const failure of [null, { code: 'firewall', text: 'it is off' } as const]) {
    let pipe = '';
    let ended = false;
    const fake = parts(
      (_file, words) => {
        pipe = words.split(' ').at(-1) ?? '';
        void sendReport(pipe, failure).finally(() => (ended = true));
        return 7;
      },
      () => (ended ? 0 : null),
    );
    t.strictSame(await runElevated(command, fake), failure);
  }
});

t.test('no, an error and an end without report have codes', onWindows, async (t) => {
  const no = parts(() => new Win32Error('ShellExecuteEx', 1223));
  t.match(await runElevated(command, no), { code: 'elevation_cancelled' });
  const broken = parts(() => new Win32Error('ShellExecuteEx', 2));
  t.match(await runElevated(command, broken), { code: 'elevation_failed', text: /os error 2/ });
  const silent = parts(
    () => 9,
    () => 3,
  );
  t.match(await runElevated(command, silent), { code: 'no_report', text: /ended with 3/ });
  t.strictSame(silent.closed, [9]);
});

t.test('Windows starts the program, and sees its end', onWindows, async (t) => {
  const { win32Elevation } = await import('../../../../server/system/windows/administration/win32-elevation.js');
  const { win32 } = await import('../../../../server/system/windows/win32.js');
  const real = { ...win32Elevation(), close: (process: number) => win32().closeHandle(process) };
  t.match(await runElevated(() => [process.execPath, '-e', 'process.exit(5)'], real), {
    code: 'no_report',
    text: /ended with 5/,
  });
  t.match(await runElevated(() => ['C:\\no\\such.exe'], real), { code: 'elevation_failed' });
});
