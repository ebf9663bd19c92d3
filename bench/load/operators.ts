/**
 * Runs as a process of its own: operators that list everything and read all notifications.
 *
 * `node operators.js URL COUNT` prints `ready` when all have listed, and when its input ends the number of
 * notifications that each received, as a JSON list.
 */
import { connectWebSocket, OPERATOR_CAPABILITY } from '../../clients/typescript/index.js';

const [, , url = '', count = '0'] = process.argv;

const clients = await Promise.all(
  Array.from({ length: Number(count) }, () =>
    connectWebSocket(url, {
      requestTimeoutMs: 120_000,
      capabilities: { experimentalApi: true, extensions: { [OPERATOR_CAPABILITY]: {} } },
    }),
  ),
);
const heard = clients.map((client) => {
  const counted = { notifications: 0 };
  client.onEveryNotification((method) => {
    if (method.startsWith('operator/')) counted.notifications++;
  });
  return counted;
});
for (const client of clients)
  await Promise.all([
    client.request('operator/overview/read', {}),
    client.request('operator/connections/list', {}),
    client.request('operator/commands/list', {}),
    client.request('operator/prompts/list', {}),
  ]);
console.log('ready');
await new Promise((resolve) => process.stdin.on('end', resolve).resume());
console.log(JSON.stringify(heard.map(({ notifications }) => notifications)));
await Promise.all(clients.map((client) => client.close()));
