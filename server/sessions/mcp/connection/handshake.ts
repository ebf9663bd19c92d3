/** What client and server tell each other first (docs/protocol/services.md §7, "A process"). */
import { CODEXD_VERSION } from '../../../package/package-version.js';
import type { Answer, RequestLimits, ServerFacts, ServerTransport } from '../shape/connection.js';
import { isObject } from '../../../system/node/objects.js';
import { textOrNull, type ServerProtocol } from './protocol.js';

/** What the official program says; servers may answer with any version. */
const PROTOCOL_VERSION = '2025-06-18';
/** Facts of the protocol: servers know the official client by this name. */
const CLIENT = { name: 'codex-mcp-client', title: 'Codex', version: CODEXD_VERSION };
const CAPABILITIES = { elicitation: { form: {}, url: {} } };

export async function handshake(
  protocol: ServerProtocol,
  transport: ServerTransport,
  limits: RequestLimits,
): Promise<Answer<ServerFacts>> {
  const answer = await protocol.request(
    {
      method: 'initialize',
      params: { protocolVersion: PROTOCOL_VERSION, capabilities: CAPABILITIES, clientInfo: CLIENT },
      result: (value) => value,
    },
    limits,
  );
  if (!answer.ok) return answer;
  const { protocolVersion, serverInfo, capabilities, instructions } = answer.result;
  transport.setProtocolVersion?.(textOrNull(protocolVersion) ?? PROTOCOL_VERSION);
  if (!(await protocol.notify('notifications/initialized'))) return { ok: false, fault: { kind: 'closed' } };
  return {
    ok: true,
    result: {
      serverInfo: isObject(serverInfo) ? serverInfo : null,
      capabilities: isObject(capabilities) ? capabilities : null,
      instructions: textOrNull(instructions),
    },
  };
}
