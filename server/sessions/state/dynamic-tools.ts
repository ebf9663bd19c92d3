/** Checks the tools that a client defines (thread/start `dynamicTools`; docs/protocol/threads.md §3). */
import type { RequestParams } from '../../../schema/registry.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { isObject } from '../../system/node/objects.js';

type DynamicTools = NonNullable<RequestParams<'thread/start'>['dynamicTools']>;
type Tool = Extract<DynamicTools[number], { type: 'function' }>;

/** Limits of the Responses API. */
const MAX_TOOL_NAME = 128;
const MAX_NAMESPACE = 64;
const MAX_NAMESPACE_DESCRIPTION = 1024;
/** Namespaces that the Responses API reserves. */
const RESERVED_NAMESPACES: ReadonlySet<string> = new Set([
  'api_tool',
  'browser',
  'computer',
  'container',
  'file_search',
  'functions',
  'image_gen',
  'multi_tool_use',
  'python',
  'python_user_visible',
  'submodel_delegator',
  'terminal',
  'tool_search',
  'web',
]);

/** Throws RpcError for the first mistake in the tools. */
export function checkDynamicTools(tools: DynamicTools): void {
  const names = new Set<string>();
  const namespaces = new Set<string>();
  for (const tool of tools) {
    if (tool.type === 'function') {
      checkTool(tool);
      if (tool.deferLoading) throw invalidRequest(`deferred dynamic tool must include a namespace: ${tool.name}`);
      if (names.has(tool.name)) throw invalidRequest(`duplicate dynamic tool name: ${tool.name}`);
      names.add(tool.name);
      continue;
    }
    const { name, description, tools: members } = tool;
    checkName(name, 'dynamic tool namespace', MAX_NAMESPACE);
    if (RESERVED_NAMESPACES.has(name)) {
      throw invalidRequest(`dynamic tool namespace collides with a reserved Responses API namespace: ${name}`);
    }
    if (namespaces.has(name)) throw invalidRequest(`duplicate dynamic tool namespace: ${name}`);
    namespaces.add(name);
    if ([...description].length > MAX_NAMESPACE_DESCRIPTION) {
      throw invalidRequest(
        `dynamic tool namespace description must be at most ${MAX_NAMESPACE_DESCRIPTION} characters`,
      );
    }
    if (members.length === 0) {
      throw invalidRequest(`dynamic tool namespace must contain at least one tool: ${name}`);
    }
    const inside = new Set<string>();
    for (const member of members) {
      checkTool(member);
      if (inside.has(member.name)) {
        throw invalidRequest(`duplicate dynamic tool name in namespace ${name}: ${member.name}`);
      }
      inside.add(member.name);
    }
  }
}

function checkTool({ name, inputSchema }: Tool): void {
  checkName(name, 'dynamic tool name', MAX_TOOL_NAME);
  const problem = schemaProblem(inputSchema);
  if (problem !== null) throw invalidRequest(`dynamic tool input schema is not supported for ${name}: ${problem}`);
}

function checkName(name: string, what: string, limit: number): void {
  if (name === '') throw invalidRequest(`${what} must not be empty`);
  if (name.trim() !== name) throw invalidRequest(`${what} has leading/trailing whitespace: ${name}`);
  if (!/^[a-zA-Z0-9_-]+$/.test(name)) {
    throw invalidRequest(`${what} must match ^[a-zA-Z0-9_-]+$ to match Responses API: ${name}`);
  }
  if (name.length > limit) {
    throw invalidRequest(`${what} must be at most ${limit} characters to match Responses API: ${name}`);
  }
  if (name === 'mcp' || name.startsWith('mcp__')) throw invalidRequest(`${what} is reserved: ${name}`);
}

/** A JSON schema is an object or a boolean. */
function schemaProblem(schema: unknown): string | null {
  if (typeof schema === 'boolean') return null;
  if (Array.isArray(schema)) return `invalid length ${schema.length}, expected struct JsonSchema with 15 elements`;
  if (isObject(schema)) {
    const { properties } = schema;
    return properties === undefined || properties === null || isObject(properties)
      ? null
      : `invalid type: ${named(properties)}, expected a map`;
  }
  return `invalid type: ${named(schema)}, expected struct JsonSchema`;
}

function named(value: unknown): string {
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`;
  return value === null ? 'null' : Array.isArray(value) ? 'sequence' : typeof value;
}
