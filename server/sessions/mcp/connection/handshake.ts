/** What client and server tell each other first (docs/protocol/services.md §7, "A process"). */
import type { Transport } from '@modelcontextprotocol/client';
import { CODEXD_VERSION } from '../../../package/package-version.js';
import type { Answer, RequestLimits, ServerFacts } from '../shape/connection.js';
import { ask } from './answers.js';
import { isObject } from '../../../system/node/objects.js';
import { shaped, textOrNull, type ServerProtocol } from './protocol.js';

/** What the official program says; servers may answer with any version. */
const PROTOCOL_VERSION = '2025-06-18';
/** Facts of the protocol: servers know the official client by this name. */
const CLIENT = { name: 'codex-mcp-client', title: 'Codex', version: CODEXD_VERSION };
const CAPABILITIES = { elicitation: { form: {}, url: {} } };

export async function handshake(
  protocol: ServerProtocol,
  transport: Transport,
  limits: RequestLimits,
): Promise<Answer<ServerFacts>> {
  const answer = await ask(
    protocol,
    {
      method: 'initialize',
      params: { protocolVersion: PROTOCOL_VERSION, capabilities: CAPABILITIES, clientInfo: CLIENT },
      result: shaped((value) => (isObject(value) ? value : null)),
    },
    limits,
  );
  if (!answer.ok) return answer;
  const { protocolVersion, serverInfo, capabilities, instructions } = answer.result;
  transport.setProtocolVersion?.(textOrNull(protocolVersion) ?? PROTOCOL_VERSION);
  await protocol.notification({ method: 'notifications/initialized' });
  return {
    ok: true,
    result: {
      serverInfo: isObject(serverInfo) ? serverInfo : null,
      capabilities: isObject(capabilities) ? capabilities : null,
      instructions: textOrNull(instructions),
    },
  };
}
