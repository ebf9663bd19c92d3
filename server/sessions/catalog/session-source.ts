/** The creator of a thread, converted from its rollout to the protocol's form. */
import type { SessionSource, SubAgentSource } from '../../../schema/protocol/threads/thread.js';
import { isObject } from '../../system/node/objects.js';

/** Converts `source` of a session_meta to the protocol's form; `unknown` for other values. */
export function sessionSource(stored: unknown): SessionSource {
  if (stored === undefined || stored === null) return 'vscode';
  if (typeof stored === 'string') return STORED_SOURCES[stored] ?? 'unknown';
  if (typeof stored !== 'object') return 'unknown';
  if ('subagent' in stored) {
    const subAgent = subAgentSource(stored.subagent);
    return subAgent === null ? 'unknown' : { subAgent };
  }
  if ('custom' in stored && typeof stored.custom === 'string') return { custom: stored.custom };
  return 'unknown';
}

const STORED_SOURCES: Readonly<Record<string, SessionSource>> = {
  cli: 'cli',
  vscode: 'vscode',
  exec: 'exec',
  mcp: 'appServer',
};

function subAgentSource(stored: unknown): SubAgentSource | null {
  if (stored === 'review' || stored === 'compact' || stored === 'memory_consolidation') return stored;
  if (typeof stored !== 'object' || stored === null) return null;
  if ('other' in stored && typeof stored.other === 'string') return { other: stored.other };
  if (!('thread_spawn' in stored)) return null;
  const spawn = stored.thread_spawn;
  if (!isObject(spawn) || typeof spawn['parent_thread_id'] !== 'string' || typeof spawn['depth'] !== 'number')
    return null;
  const text = (key: string): string | null => (typeof spawn[key] === 'string' ? spawn[key] : null);
  return {
    thread_spawn: {
      parent_thread_id: spawn['parent_thread_id'],
      depth: spawn['depth'],
      agent_path: text('agent_path'),
      agent_nickname: text('agent_nickname'),
      agent_role: text('agent_role'),
    },
  };
}
