/**
 * The tools of a server, page by page.
 *
 * Threat: a server whose pages never end, or whose cursor leads in a circle. Rule: a cursor that was there before is a
 * failure, and so are more pages or more tools than anybody can use. Non-scope: which of them a thread offers.
 */
import type { Answer, JsonObject, McpTool, RequestLimits } from '../shape/connection.js';
import { objectsOf, textOrNull, type Asked, type ServerProtocol } from './protocol.js';

const MAX_PAGES = 500;
const MAX_TOOLS = 5_000;

/** `limits`: of all pages together. */
export async function listTools(protocol: ServerProtocol, limits: RequestLimits): Promise<Answer<readonly McpTool[]>> {
  const until = performance.now() + limits.timeoutMs;
  const tools: McpTool[] = [];
  const seen = new Set<string>();
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES && tools.length <= MAX_TOOLS; page++) {
    const timeoutMs = Math.max(1, Math.round(until - performance.now()));
    const answer: Answer<ToolPage> = await protocol.request(asked(cursor), { ...limits, timeoutMs });
    if (!answer.ok) return answer;
    tools.push(...answer.result.tools);
    cursor = answer.result.nextCursor;
    if (cursor === null) return { ok: true, result: tools };
    if (seen.has(cursor)) return failed('tools/list returned a repeated pagination cursor');
    seen.add(cursor);
  }
  return failed(`tools/list has more than ${MAX_PAGES} pages or ${MAX_TOOLS} tools`);
}

const failed = (message: string): Answer<never> => ({ ok: false, fault: { kind: 'other', message } });

interface ToolPage {
  readonly tools: readonly McpTool[];
  readonly nextCursor: string | null;
}

const asked = (cursor: string | null): Asked<ToolPage> => ({
  method: 'tools/list',
  params: cursor === null ? {} : { cursor },
  result: pageOf,
});

function pageOf(value: JsonObject): ToolPage | null {
  const entries = objectsOf(value.tools);
  if (entries === null) return null;
  // What has no name cannot be called.
  const tools = entries.filter((entry): entry is McpTool => typeof entry.name === 'string');
  return { tools, nextCursor: textOrNull(value.nextCursor) };
}
