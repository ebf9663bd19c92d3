import t from 'tap';
import { createObservedCommands } from '../../server/exec/observe/observed-commands.js';
import { wireCommand, wirePrompt } from '../../server/operator/wire.js';
import { runCommand } from './support.js';

t.test('a command is shown with its owner, its network and its end', async (t) => {
  const observed = createObservedCommands();
  const { end } = runCommand(observed, 'a');
  t.match(
    wireCommand(observed.get('a')!, (id) => `client ${id}`),
    {
      commandId: 'a',
      owner: { kind: 'connection', connectionId: 7, clientName: 'client 7', requestId: '1', processId: null },
      network: { access: 'direct', lane: null, bytesSent: 3, bytesReceived: 4 },
      sandboxed: false,
      stdin: true,
      state: 'running',
      end: null,
    },
  );
  end();
  t.match(
    wireCommand(observed.get('a')!, () => null),
    {
      stdin: false,
      state: 'ended',
      end: { cause: 'exit', exitCode: 0, denial: null },
    },
  );
});

t.test('a question is shown with the name of the client that is asked', async (t) => {
  const owner = { kind: 'connection', connectionId: 7, requestId: 1, processId: null } as const;
  const question = { id: '1', openedAtMs: 5, owner, method: 'network/requestApproval', params: {} } as const;
  t.same(
    wirePrompt(question, () => 'me', true),
    {
      promptId: '1',
      openedAtMs: 5,
      owner: { ...owner, clientName: 'me' },
      method: 'network/requestApproval',
      params: {},
      mayAnswer: true,
    },
  );
});
