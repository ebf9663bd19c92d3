/** Collects the states of a session's MCP servers for `mcp_startup_complete`, which is sent once. */
import type { NotificationParams } from '../../../../schema/registry.js';
import type { LegacyMessage } from './legacy-item.js';

type Status = NotificationParams<'mcpServer/startupStatus/updated'>;

export interface StartupSummary {
  /** The summary that is due now; null: none. */
  update(status: Status): LegacyMessage | null;
  /** From here on, every server of the session has reported that it starts. */
  known(): LegacyMessage | null;
}

export function createStartupSummary(): StartupSummary {
  const servers = new Map<string, Status>();
  let allKnown = false;
  let sent = false;

  const due = (): LegacyMessage | null => {
    const all = [...servers.values()];
    if (sent || !allKnown || all.some(({ status }) => status === 'starting')) return null;
    sent = true;
    return {
      type: 'mcp_startup_complete',
      ready: all.flatMap(({ name, status }) => (status === 'ready' ? [name] : [])),
      failed: all.flatMap(({ name, status, error }) =>
        status === 'failed' ? [{ server: name, error: error ?? '' }] : [],
      ),
      cancelled: all.flatMap(({ name, status }) => (status === 'cancelled' ? [name] : [])),
    };
  };
  return {
    update(status) {
      servers.set(status.name, status);
      return due();
    },
    known() {
      allKnown = true;
      return due();
    },
  };
}
