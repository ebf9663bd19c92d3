/** A hook that may run now: an administrator's one, or an enabled one whose present text a person trusts. */
import type { HookEventName, HookMetadata, HookSource } from '../../schema/protocol/services/hooks.js';

/** A plugin with hooks, as it was when they were read. */
export interface HookPlugin {
  readonly id: string;
  /** Its files, and the folder for what it keeps. Absolute, both. */
  readonly root: string;
  readonly data: string;
  /** Of all its files (plugins/content-hash.ts): with other files a hook of it does not run. */
  readonly contentHash: string;
}

interface Common {
  /** `<sourcePath>:<event>:<group>:<index>` (docs/protocol/services.md §6): the same hook as in `hooks/list`. */
  readonly key: string;
  readonly eventName: HookEventName;
  /** A regular expression for what the event is about; null: every occurrence, also for events without a subject. */
  readonly matcher: string | null;
  /** Seconds. At least 1. */
  readonly timeoutSec: number;
  readonly statusMessage: string | null;
  /** The most that the model receives of its output, in tokens; null: the default. */
  readonly additionalContextLimit: number | null;
  readonly sourcePath: string;
  readonly source: HookSource;
  /** The plugin that brings it; null: none does. */
  readonly plugin: HookPlugin | null;
  /** Its place in the order of `hooks/list`, which is the order of reports. */
  readonly displayOrder: number;
  readonly isManaged: boolean;
}

export interface CommandHook extends Common {
  readonly handlerType: 'command';
  /** A line for the shell. */
  readonly command: string;
  /** Whether nobody waits for its end. */
  readonly async: boolean;
}

export interface McpToolHook extends Common {
  readonly handlerType: 'mcpTool';
  readonly server: string;
  readonly tool: string;
  /** The arguments, with placeholders for the input of the hook. */
  readonly input: Readonly<Record<string, unknown>>;
}

export type RunnableHook = CommandHook | McpToolHook;

/** Whether a listed hook may run. `bypassesTrust`: a person's hooks need no trust; one that is off stays off. */
export const mayRun = (
  { enabled, trustStatus }: Pick<HookMetadata, 'enabled' | 'trustStatus'>,
  bypassesTrust: boolean,
): boolean => enabled && (bypassesTrust || trustStatus === 'managed' || trustStatus === 'trusted');
