/** The model's items in the form of rollouts and raw notifications. */
import {
  anyOf,
  dict,
  json,
  list,
  namedText,
  nullish,
  omitted,
  oneOf,
  struct,
  tagged,
  text,
  u64,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { ConfigurationReasoning } from '../common/model-settings.js';
import { AbsolutePathBuf } from '../common/paths.js';

export const ImageDetail = oneOf('ImageDetail', ['auto', 'low', 'high', 'original']);
export type ImageDetail = Wire<typeof ImageDetail>;

export const MessagePhase = oneOf('MessagePhase', ['commentary', 'partial_answer', 'final_answer']);
export type MessagePhase = Wire<typeof MessagePhase>;

/** By an address (also a data URL), or as a file that the endpoint has. */
const InputImage = struct(
  null,
  { detail: omitted(ImageDetail) },
  {
    flatten: anyOf(null, [struct(null, { image_url: text }), struct(null, { file_id: text })], {
      called: 'ImageReference',
    }),
  },
);
const InputAudio = struct(
  null,
  {},
  {
    flatten: anyOf(null, [struct(null, { audio_url: text }), struct(null, { file_id: text })], {
      called: 'AudioReference',
    }),
  },
);

export const FunctionCallOutputContentItem = tagged('FunctionCallOutputContentItem', 'type', {
  input_text: {
    text: text,
  },
  input_image: InputImage,
  input_audio: InputAudio,
  encrypted_content: {
    encrypted_content: text,
  },
});
export type FunctionCallOutputContentItem = Wire<typeof FunctionCallOutputContentItem>;

export const FunctionCallOutputBody = anyOf('FunctionCallOutputBody', [text, list(FunctionCallOutputContentItem)]);
export type FunctionCallOutputBody = Wire<typeof FunctionCallOutputBody>;

export const ImageGenerationInputImage = struct('ImageGenerationInputImage', {
  path: AbsolutePathBuf,
  sha256: text,
});
export type ImageGenerationInputImage = Wire<typeof ImageGenerationInputImage>;

export const ResponseItemId = namedText('ResponseItemId');
export type ResponseItemId = Wire<typeof ResponseItemId>;

export const ContentItem = tagged('ContentItem', 'type', {
  input_text: {
    text: text,
  },
  input_image: InputImage,
  input_audio: InputAudio,
  output_text: {
    text: text,
    annotations: omitted(list(json)),
    logprobs: omitted(list(json)),
  },
});
export type ContentItem = Wire<typeof ContentItem>;

export const InternalChatMessageMetadataPassthrough = struct('InternalChatMessageMetadataPassthrough', {
  turn_id: omitted(text),
});
export type InternalChatMessageMetadataPassthrough = Wire<typeof InternalChatMessageMetadataPassthrough>;

export const AgentMessageInputContent = tagged('AgentMessageInputContent', 'type', {
  input_text: {
    text: text,
  },
  encrypted_content: {
    encrypted_content: text,
  },
});
export type AgentMessageInputContent = Wire<typeof AgentMessageInputContent>;

export const ReasoningItemReasoningSummary = tagged('ReasoningItemReasoningSummary', 'type', {
  summary_text: {
    text: text,
  },
});
export type ReasoningItemReasoningSummary = Wire<typeof ReasoningItemReasoningSummary>;

export const ReasoningItemContent = tagged('ReasoningItemContent', 'type', {
  reasoning_text: {
    text: text,
  },
  text: {
    text: text,
  },
});
export type ReasoningItemContent = Wire<typeof ReasoningItemContent>;

export const LocalShellStatus = oneOf('LocalShellStatus', ['completed', 'in_progress', 'incomplete']);
export type LocalShellStatus = Wire<typeof LocalShellStatus>;

export const LocalShellExecAction = struct('LocalShellExecAction', {
  command: list(text),
  timeout_ms: nullish(u64),
  working_directory: nullish(text),
  env: nullish(dict(text)),
  user: nullish(text),
});
export type LocalShellExecAction = Wire<typeof LocalShellExecAction>;

export const LocalShellAction = tagged('LocalShellAction', 'type', {
  exec: LocalShellExecAction,
});
export type LocalShellAction = Wire<typeof LocalShellAction>;

export const CoreWebSearchAction = tagged(
  'CoreWebSearchAction',
  'type',
  {
    search: {
      query: omitted(text),
      queries: omitted(list(text)),
    },
    open_page: {
      url: omitted(text),
    },
    find_in_page: {
      url: omitted(text),
      pattern: omitted(text),
    },
    other: {},
  },
  { called: 'WebSearchAction', open: true },
);
export type CoreWebSearchAction = Wire<typeof CoreWebSearchAction>;

export const ResponseItem = tagged(
  'ResponseItem',
  'type',
  {
    additional_tools: {
      id: omitted(ResponseItemId),
      role: text,
      tools: list(json),
    },
    message: {
      encrypted_content: omitted(text),
      status: omitted(text),
      id: omitted(ResponseItemId),
      role: text,
      content: list(ContentItem),
      phase: omitted(MessagePhase),
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    agent_message: {
      id: omitted(ResponseItemId),
      author: text,
      recipient: text,
      content: list(AgentMessageInputContent),
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    reasoning: {
      id: omitted(ResponseItemId),
      summary: list(ReasoningItemReasoningSummary),
      content: omitted(list(ReasoningItemContent)),
      encrypted_content: nullish(text),
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    local_shell_call: {
      encrypted_content: omitted(text),
      id: omitted(ResponseItemId),
      call_id: nullish(text),
      status: LocalShellStatus,
      action: LocalShellAction,
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    function_call: {
      encrypted_content: omitted(text),
      status: omitted(text),
      id: omitted(ResponseItemId),
      name: text,
      namespace: omitted(text),
      arguments: text,
      encrypted_function_args: omitted(list(text)),
      call_id: text,
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    tool_search_call: {
      encrypted_content: omitted(text),
      id: omitted(ResponseItemId),
      call_id: nullish(text),
      status: omitted(text),
      execution: text,
      arguments: json,
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    function_call_output: {
      id: omitted(ResponseItemId),
      call_id: omitted(text),
      name: omitted(text),
      namespace: omitted(text),
      output: FunctionCallOutputBody,
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    custom_tool_call: {
      encrypted_content: omitted(text),
      id: omitted(ResponseItemId),
      status: omitted(text),
      call_id: text,
      name: text,
      namespace: omitted(text),
      input: text,
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    custom_tool_call_output: {
      id: omitted(ResponseItemId),
      call_id: text,
      name: omitted(text),
      output: FunctionCallOutputBody,
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    tool_search_output: {
      id: omitted(ResponseItemId),
      call_id: nullish(text),
      status: text,
      execution: text,
      tools: list(json),
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    web_search_call: {
      encrypted_content: omitted(text),
      id: omitted(ResponseItemId),
      status: omitted(text),
      action: omitted(CoreWebSearchAction),
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    image_generation_call: {
      encrypted_content: omitted(text),
      id: omitted(ResponseItemId),
      status: text,
      revised_prompt: omitted(text),
      result: text,
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    compaction: {
      id: omitted(ResponseItemId),
      encrypted_content: text,
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    configuration_update: {
      reasoning: ConfigurationReasoning,
    },
    compaction_trigger: {},
    context_compaction: {
      id: omitted(ResponseItemId),
      encrypted_content: omitted(text),
      internal_chat_message_metadata_passthrough: omitted(InternalChatMessageMetadataPassthrough),
    },
    other: {},
  },
  { open: true },
);
export type ResponseItem = Wire<typeof ResponseItem>;
