/** The README's example, and the usual work of editors: typed results, states, notifications, questions. */
export async function main(): Promise<number> {
  const client = await connectWebSocket('ws://127.0.0.1:4500', { clientInfo: { name: 'my-tool', version: '1.0.0' } });
  client.onState((state: ClientState) => void state.kind);
  const { exitCode, stdout } = await client.request('command/exec', { command: ['uname', '-a'] });
  const text: string = stdout;
  const build = runCommand(
    client,
    { command: ['make'], disableTimeout: true },
    { onOutput: (_stream, bytes) => void bytes.byteLength },
  );
  const { networkDenial } = await build.done;
  const host: string | undefined = networkDenial?.host;
  client.onNotification(
    'item/agentMessage/delta',
    ({ threadId, delta }, { sequence }) => void [threadId, delta, sequence],
  );
  client.onRequest('item/commandExecution/requestApproval', () => ({ decision: 'decline' }));
  const { thread } = await client.request('thread/start', { cwd: '/tmp' });
  await client.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'hello' }] });
  const own = await connectStdio({ command: 'codexd', env: { HOME: '/tmp' } });
  await own.close();
  try {
    await client.close();
  } catch (error) {
    if (error instanceof ServerError) return error.code;
  }
  return exitCode + text.length + (host ?? '').length;
}
