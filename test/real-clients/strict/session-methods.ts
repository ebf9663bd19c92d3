/** Every method that is about no thread, and the services of one. */
import type { CheckedClient } from './checked-client.js';
import type { Places } from './session.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export async function otherMethods({ ask, told }: CheckedClient, threadId: string, places: Places): Promise<void> {
  const { work, home } = places;
  const file = `${work}/written.txt`;
  await ask('fs/watch', { watchId: 'w', path: work });
  await ask('fs/writeFile', { path: file, dataBase64: base64('text') });
  await told('fs/changed');
  await ask('fs/unwatch', { watchId: 'w' });
  await ask('fs/readFile', { path: file });
  await ask('fs/createDirectory', { path: `${work}/a/b`, recursive: true });
  await ask('fs/getMetadata', { path: file });
  await ask('fs/readDirectory', { path: work });
  await ask('fs/copy', { sourcePath: file, destinationPath: `${work}/copy.txt` });
  await ask('fs/remove', { path: `${work}/copy.txt` });

  await ask('command/exec', { command: ['echo', 'hello'], cwd: work });
  const streamed = { streamStdin: true, streamStdoutStderr: true };
  const running = ask(
    'command/exec',
    { command: ['cat'], processId: 'p', tty: true, ...streamed, cwd: work },
    'command/exec streamed',
  );
  await ask('command/exec/write', { processId: 'p', deltaBase64: base64('hi\n') });
  await told('command/exec/outputDelta');
  await ask('command/exec/resize', { processId: 'p', size: { rows: 30, cols: 100 } });
  await ask('command/exec/terminate', { processId: 'p' });
  await running;
  await ask('process/spawn', { command: ['cat'], processHandle: 'h', cwd: work, tty: true, ...streamed });
  await ask('process/writeStdin', { processHandle: 'h', deltaBase64: base64('hi\n') });
  await told('process/outputDelta');
  await ask('process/resizePty', { processHandle: 'h', size: { rows: 30, cols: 100 } });
  await ask('process/kill', { processHandle: 'h' });
  await told('process/exited');

  await ask('fuzzyFileSearch', { query: 'writ', roots: [work], cancellationToken: null });
  await ask('fuzzyFileSearch/sessionStart', { sessionId: 's', roots: [work] });
  await ask('fuzzyFileSearch/sessionUpdate', { sessionId: 's', query: 'writ' });
  await told('fuzzyFileSearch/sessionUpdated');
  await told('fuzzyFileSearch/sessionCompleted');
  await ask('fuzzyFileSearch/sessionStop', { sessionId: 's' });
  await ask('gitDiffToRemote', { cwd: work });

  await ask('config/read', { includeLayers: true, cwd: work });
  await ask('config/value/write', { keyPath: 'model_reasoning_summary', value: 'concise', mergeStrategy: 'replace' });
  await ask('configRequirements/read');
  await ask('experimentalFeature/list', {});
  await ask('experimentalFeature/enablement/set', { enablement: {} });
  await ask('permissionProfile/list', { cwd: work });
  await ask('collaborationMode/list', {});
  await ask('model/list', { includeHidden: true });
  await ask('modelProvider/list', {});
  await ask('modelProvider/capabilities/read', {});
  await ask('modelProvider/default/set', { providerId: 'mock' });
  await ask('skills/list', { cwds: [work], forceReload: true });
  await ask('skills/extraRoots/set', { extraRoots: [`${home}/skills`] });
  await ask('skills/config/write', { name: 'demo', enabled: false });
  await told('skills/changed');
  await ask('hooks/list', { cwds: [work] }, 'hooks/list again');

  await ask('mcpServerStatus/list', { detail: 'full' });
  await ask('mcpServer/tool/call', { threadId, server: 'tools', tool: 'echo', arguments: { text: 'x' } });
  await ask('mcpServer/resource/read', { threadId, server: 'tools', uri: 'test://one' });
  await ask('mcpServer/oauth/login', { name: 'tools' });
  await ask('mcpServer/event/stream/start', {
    threadId,
    server: 'tools',
    subscriptionId: 's',
    name: 'n',
    arguments: {},
  });
  await ask('mcpServer/event/stream/stop', { subscriptionId: 's' });
  await ask('config/mcpServer/reload');

  await ask('app/list', {});
  await ask('app/installed', {});
  await ask('app/read', { appIds: ['a'] });
  await ask('plugin/list', { cwds: [work] });
  await ask('plugin/installed', {});
  await ask('plugin/search', { searchTerm: 'x' });
  await ask('plugin/read', { pluginName: 'none', marketplacePath: `${work}/none` });
  await ask('plugin/skill/read', { remoteMarketplaceName: 'm', remotePluginId: 'p', skillName: 's' });
  await ask('plugin/reconcile', {});
  await ask('plugin/share/list', {});
  await ask('plugin/uninstall', { pluginId: 'none@none' });
  await ask('marketplace/add', { source: `${work}/none` });
  await ask('marketplace/remove', { marketplaceName: 'none' });
  await ask('marketplace/upgrade', {});
  await ask('externalAgentConfig/detect', { includeHome: false, cwds: [work] });
  await ask('externalAgentConfig/import', { migrationItems: [] });
  await ask('externalAgentConfig/import/readHistories');
  await ask('externalAgentConfig/import/recordHistory', { providerId: 'p', itemTypeResults: [] });
  await ask('environment/add', { environmentId: 'e', execServerUrl: 'ws://127.0.0.1:9' });
  await ask('environment/status', { environmentId: 'e' });
  await ask('environment/info', { environmentId: 'e' });
  await ask('memory/status', {});
  await ask('memory/reset');
  await ask('rollout/compress');
  await ask('feedback/save', { savePath: `${work}/feedback`, classification: 'bug', includeLogs: false });
  await ask('server/diagnostics', {});
  await ask('mock/experimentalMethod', { value: 'v' });
  await ask('userVerification/status', {});
  await ask('userVerification/cancel', { requestId: 'nothing' });
  await ask('remoteControl/status/read');
  await ask('remoteControl/disable', {});
  await ask('windowsSandbox/readiness');

  await ask('account/read', {});
  await ask('getAuthStatus', { includeToken: false, refreshToken: false });
  await ask('account/rateLimits/read', undefined, 'account/rateLimits/read without an account');
  await ask('account/usage/read', { threadId });
  await ask('account/workspaceMessages/read');
  await ask('account/securitySetup/read');
  await ask('account/gatewayOAuth/read', {});
  await ask('account/gatewayOAuth/cancel');
  await ask('account/bedrock/checkGovCloudRequirements', {});
  await ask('account/bedrock/discover', {});
  await ask('accountSession/list', {});
  await ask('account/login/cancel', { loginId: '00000000-0000-4000-8000-000000000000' });
  await ask('account/login/start', { type: 'apiKey', apiKey: 'sk-test' });
  await told('account/login/completed');
  await ask('account/read', {}, 'account/read with a key');
  await ask('account/logout');
}
