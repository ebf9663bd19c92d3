/** Items: the content of a turn. */
import {
  addition,
  anyOf,
  bool,
  defaulted,
  dict,
  i32,
  i64,
  json,
  list,
  nullish,
  omittable,
  omitted,
  oneOf,
  optional,
  path,
  struct,
  tagged,
  text,
  u32,
  u64,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { ReasoningEffort } from '../common/model-settings.js';
import { NetworkDenial } from '../common/network-denial.js';
import { AbsolutePathBuf, LegacyAppPathString } from '../common/paths.js';
import { FunctionCallOutputBody, ImageDetail, ImageGenerationInputImage, MessagePhase } from './response-item.js';
import { TextElement } from '../common/text-range.js';

export const AgentMessageDelivery = oneOf('AgentMessageDelivery', ['async']);
export type AgentMessageDelivery = Wire<typeof AgentMessageDelivery>;

export const AgentMessageDisplay = struct('AgentMessageDisplay', {
  action: text,
  blockType: nullish(text),
  cyberTrustedAccess: nullish(bool),
  checkTrustedContacts: nullish(bool),
});
export type AgentMessageDisplay = Wire<typeof AgentMessageDisplay>;

export const AgentMessageModeration = struct('AgentMessageModeration', {
  moderated: bool,
  display: nullish(AgentMessageDisplay),
});
export type AgentMessageModeration = Wire<typeof AgentMessageModeration>;

export const AsyncUserInputQuestion = struct(
  'AsyncUserInputQuestion',
  {
    title: text,
    options: nullish(list(text)),
  },
  { strict: true },
);
export type AsyncUserInputQuestion = Wire<typeof AsyncUserInputQuestion>;

export const CollabAgentStatus = oneOf('CollabAgentStatus', [
  'pendingInit',
  'running',
  'interrupted',
  'completed',
  'errored',
  'shutdown',
  'notFound',
]);
export type CollabAgentStatus = Wire<typeof CollabAgentStatus>;

export const CollabAgentState = struct('CollabAgentState', {
  status: CollabAgentStatus,
  message: nullish(text),
});
export type CollabAgentState = Wire<typeof CollabAgentState>;

export const CollabAgentTool = oneOf('CollabAgentTool', [
  'spawnAgent',
  'sendInput',
  'resumeAgent',
  'wait',
  'closeAgent',
  'sendMessage',
  'followupTask',
  'interruptAgent',
  'listAgents',
]);
export type CollabAgentTool = Wire<typeof CollabAgentTool>;

export const CollabAgentToolCallStatus = oneOf('CollabAgentToolCallStatus', [
  'inProgress',
  'completed',
  'failed',
  'interrupted',
]);
export type CollabAgentToolCallStatus = Wire<typeof CollabAgentToolCallStatus>;

export const CommandAction = tagged('CommandAction', 'type', {
  read: {
    command: text,
    name: text,
    path: LegacyAppPathString,
  },
  listFiles: {
    command: text,
    path: nullish(text),
  },
  search: {
    command: text,
    query: nullish(text),
    path: nullish(text),
  },
  unknown: {
    command: text,
  },
});
export type CommandAction = Wire<typeof CommandAction>;

export const CommandExecutionSource = oneOf('CommandExecutionSource', [
  'agent',
  'userShell',
  'unifiedExecStartup',
  'unifiedExecInteraction',
]);
export type CommandExecutionSource = Wire<typeof CommandExecutionSource>;

export const CommandExecutionStatus = oneOf('CommandExecutionStatus', [
  'inProgress',
  'completed',
  'failed',
  'declined',
]);
export type CommandExecutionStatus = Wire<typeof CommandExecutionStatus>;

export const DynamicToolCallOutputContentItem = tagged('DynamicToolCallOutputContentItem', 'type', {
  inputText: {
    text: text,
  },
  inputImage: {
    imageUrl: text,
  },
  inputAudio: {
    audioUrl: text,
  },
});
export type DynamicToolCallOutputContentItem = Wire<typeof DynamicToolCallOutputContentItem>;

export const DynamicToolCallStatus = oneOf('DynamicToolCallStatus', ['inProgress', 'completed', 'failed']);
export type DynamicToolCallStatus = Wire<typeof DynamicToolCallStatus>;

export const PatchChangeKind = tagged('PatchChangeKind', 'type', {
  add: {},
  delete: {},
  update: {
    move_path: nullish(text),
  },
});
export type PatchChangeKind = Wire<typeof PatchChangeKind>;

export const FileUpdateChange = struct('FileUpdateChange', {
  path: text,
  kind: PatchChangeKind,
  diff: text,
});
export type FileUpdateChange = Wire<typeof FileUpdateChange>;

export const HookPromptFragment = struct('HookPromptFragment', {
  text: text,
  hookRunId: text,
});
export type HookPromptFragment = Wire<typeof HookPromptFragment>;

export const UserInput = tagged('UserInput', 'type', {
  text: {
    text: text,
    text_elements: defaulted(list(TextElement), []),
  },
  image: struct(
    null,
    {
      detail: omitted(ImageDetail),
    },
    {
      flatten: anyOf(
        null,
        [
          struct(null, {
            url: text,
          }),
          struct(null, {
            fileId: text,
          }),
        ],
        { called: 'ImageReference' },
      ),
    },
  ),
  localImage: {
    detail: omitted(ImageDetail),
    path: path,
  },
  audio: struct(
    null,
    {},
    {
      flatten: anyOf(
        null,
        [
          struct(null, {
            url: text,
          }),
          struct(null, {
            fileId: text,
          }),
        ],
        { called: 'AudioReference' },
      ),
    },
  ),
  localAudio: {
    path: path,
  },
  skill: {
    name: text,
    path: path,
  },
  mention: {
    name: text,
    path: text,
  },
});
export type UserInput = Wire<typeof UserInput>;

export const MemoryCitationEntry = struct('MemoryCitationEntry', {
  path: text,
  lineStart: u32,
  lineEnd: u32,
  note: text,
});
export type MemoryCitationEntry = Wire<typeof MemoryCitationEntry>;

export const MemoryCitation = struct('MemoryCitation', {
  entries: list(MemoryCitationEntry),
  threadIds: list(text),
});
export type MemoryCitation = Wire<typeof MemoryCitation>;

export const PatchApplyStatus = oneOf('PatchApplyStatus', ['inProgress', 'completed', 'failed', 'declined']);
export type PatchApplyStatus = Wire<typeof PatchApplyStatus>;

export const McpToolCallStatus = oneOf('McpToolCallStatus', ['inProgress', 'completed', 'failed']);
export type McpToolCallStatus = Wire<typeof McpToolCallStatus>;

export const McpToolCallAppContext = struct('McpToolCallAppContext', {
  connectorId: text,
  linkId: nullish(text),
  resourceUri: nullish(text),
  appName: nullish(text),
  actionName: nullish(text),
});
export type McpToolCallAppContext = Wire<typeof McpToolCallAppContext>;

export const McpAppDisplayMode = oneOf('McpAppDisplayMode', ['inline', 'fullscreen']);
export type McpAppDisplayMode = Wire<typeof McpAppDisplayMode>;

export const McpAppUi = struct('McpAppUi', {
  resourceUri: text,
  preferredModelDisplayMode: McpAppDisplayMode,
});
export type McpAppUi = Wire<typeof McpAppUi>;

export const McpToolCallResult = struct('McpToolCallResult', {
  content: list(json),
  structuredContent: nullish(json),
  _meta: nullish(json),
});
export type McpToolCallResult = Wire<typeof McpToolCallResult>;

export const McpToolCallError = struct('McpToolCallError', {
  message: text,
});
export type McpToolCallError = Wire<typeof McpToolCallError>;

export const SubAgentActivityKind = oneOf('SubAgentActivityKind', [
  'started',
  'interacted',
  'interrupted',
  'completed',
]);
export type SubAgentActivityKind = Wire<typeof SubAgentActivityKind>;

export const WebSearchAction = tagged('WebSearchAction', 'type', {
  search: {
    query: nullish(text),
    queries: nullish(list(text)),
  },
  openPage: {
    url: nullish(text),
  },
  findInPage: {
    url: nullish(text),
    pattern: nullish(text),
  },
  other: {},
});
export type WebSearchAction = Wire<typeof WebSearchAction>;

export const WebSearchItem = struct('WebSearchItem', {
  id: text,
  query: text,
  action: nullish(WebSearchAction),
  results: nullish(list(json)),
});
export type WebSearchItem = Wire<typeof WebSearchItem>;

export const SleepItem = struct('SleepItem', {
  id: text,
  durationMs: u64,
});
export type SleepItem = Wire<typeof SleepItem>;

export const ImageGenerationFailure = tagged('ImageGenerationFailure', 'type', {
  usageLimitExceeded: {
    limitId: text,
    resetsAt: nullish(i64),
  },
});
export type ImageGenerationFailure = Wire<typeof ImageGenerationFailure>;

export const ImageGenerationItem = struct(
  'ImageGenerationItem',
  {
    id: text,
    status: text,
    revisedPrompt: nullish(text),
    transparentBackground: omitted(bool),
    failure: nullish(ImageGenerationFailure),
    savedPath: omitted(AbsolutePathBuf),
    inputImages: omittable(list(ImageGenerationInputImage), []),
    generationId: nullish(text),
  },
  {
    flatten: anyOf(null, [
      struct(null, {
        fileId: text,
      }),
      struct(null, {
        result: text,
      }),
    ]),
  },
);
export type ImageGenerationItem = Wire<typeof ImageGenerationItem>;

export const ThreadItem = struct(
  'ThreadItem',
  {
    startedAtMs: optional(i64),
    completedAtMs: optional(i64),
  },
  {
    flatten: tagged(null, 'type', {
      userMessage: {
        id: text,
        clientId: nullish(text),
        content: list(UserInput),
      },
      hookPrompt: {
        id: text,
        fragments: list(HookPromptFragment),
      },
      agentMessage: {
        moderation: nullish(AgentMessageModeration),
        id: text,
        text: text,
        phase: nullish(MessagePhase),
        memoryCitation: nullish(MemoryCitation),
        delivery: nullish(AgentMessageDelivery),
        questions: nullish(list(AsyncUserInputQuestion)),
      },
      functionCallOutput: {
        id: text,
        name: text,
        namespace: nullish(text),
        output: FunctionCallOutputBody,
      },
      plan: {
        id: text,
        text: text,
      },
      reasoning: {
        id: text,
        summary: defaulted(list(text), []),
        content: defaulted(list(text), []),
      },
      commandExecution: {
        id: text,
        pluginId: nullish(text),
        scriptPath: nullish(text),
        command: text,
        cwd: LegacyAppPathString,
        processId: nullish(text),
        source: defaulted(CommandExecutionSource, 'agent'),
        status: CommandExecutionStatus,
        commandActions: list(CommandAction),
        aggregatedOutput: nullish(text),
        exitCode: nullish(i32),
        durationMs: nullish(i64),
        /** Added by codexd: the network denial that ended the command, if any. */
        networkDenial: addition(omitted(NetworkDenial)),
      },
      fileChange: {
        id: text,
        changes: list(FileUpdateChange),
        status: PatchApplyStatus,
      },
      mcpToolCall: {
        id: text,
        server: text,
        environmentId: nullish(text),
        tool: text,
        status: McpToolCallStatus,
        arguments: json,
        appContext: nullish(McpToolCallAppContext),
        mcpAppResourceUri: omitted(text),
        mcpAppUi: nullish(McpAppUi),
        pluginId: nullish(text),
        readOnlyHint: nullish(bool),
        result: nullish(McpToolCallResult),
        error: nullish(McpToolCallError),
        durationMs: nullish(i64),
        /** Added by codexd: the denied network request of the server that ended the call, if any. */
        networkDenial: addition(omitted(NetworkDenial)),
      },
      dynamicToolCall: {
        id: text,
        namespace: nullish(text),
        tool: text,
        arguments: json,
        status: DynamicToolCallStatus,
        contentItems: nullish(list(DynamicToolCallOutputContentItem)),
        success: nullish(bool),
        durationMs: nullish(i64),
      },
      collabAgentToolCall: {
        id: text,
        tool: CollabAgentTool,
        status: CollabAgentToolCallStatus,
        senderThreadId: text,
        receiverThreadIds: list(text),
        prompt: nullish(text),
        model: nullish(text),
        reasoningEffort: nullish(ReasoningEffort),
        agentsStates: dict(CollabAgentState),
      },
      subAgentActivity: {
        model: nullish(text),
        reasoningEffort: nullish(ReasoningEffort),
        id: text,
        kind: SubAgentActivityKind,
        agentThreadId: text,
        agentPath: text,
      },
      webSearch: WebSearchItem,
      imageView: {
        id: text,
        path: LegacyAppPathString,
      },
      sleep: SleepItem,
      imageGeneration: ImageGenerationItem,
      enteredReviewMode: {
        id: text,
        review: text,
      },
      exitedReviewMode: {
        id: text,
        review: text,
      },
      contextCompaction: {
        id: text,
      },
    }),
  },
);
export type ThreadItem = Wire<typeof ThreadItem>;

export const McpToolCallProgressNotification = struct('McpToolCallProgressNotification', {
  threadId: text,
  turnId: text,
  itemId: text,
  message: text,
});
export type McpToolCallProgressNotification = Wire<typeof McpToolCallProgressNotification>;
