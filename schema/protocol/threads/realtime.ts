/** Voice conversations beside a thread. */
import {
  bool,
  defaulted,
  dict,
  i64,
  json,
  list,
  nullish,
  omittable,
  omitted,
  oneOf,
  optional,
  patch,
  struct,
  tagged,
  text,
  u16,
  u32,
  u64,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const ThreadRealtimeAudioChunk = struct('ThreadRealtimeAudioChunk', {
  data: text,
  sampleRate: u32,
  numChannels: u16,
  samplesPerChannel: nullish(u32),
  itemId: nullish(text),
});
export type ThreadRealtimeAudioChunk = Wire<typeof ThreadRealtimeAudioChunk>;

export const ThreadRealtimeAppendAudioParams = struct('ThreadRealtimeAppendAudioParams', {
  threadId: text,
  audio: ThreadRealtimeAudioChunk,
});
export type ThreadRealtimeAppendAudioParams = Wire<typeof ThreadRealtimeAppendAudioParams>;

export const ThreadRealtimeAppendAudioResponse = struct('ThreadRealtimeAppendAudioResponse', {});
export type ThreadRealtimeAppendAudioResponse = Wire<typeof ThreadRealtimeAppendAudioResponse>;

export const ThreadRealtimeAppendSpeechParams = struct('ThreadRealtimeAppendSpeechParams', {
  threadId: text,
  text: text,
});
export type ThreadRealtimeAppendSpeechParams = Wire<typeof ThreadRealtimeAppendSpeechParams>;

export const ThreadRealtimeAppendSpeechResponse = struct('ThreadRealtimeAppendSpeechResponse', {});
export type ThreadRealtimeAppendSpeechResponse = Wire<typeof ThreadRealtimeAppendSpeechResponse>;

export const ConversationTextRole = oneOf('ConversationTextRole', ['user', 'developer', 'assistant']);
export type ConversationTextRole = Wire<typeof ConversationTextRole>;

export const ThreadRealtimeAppendTextParams = struct('ThreadRealtimeAppendTextParams', {
  threadId: text,
  text: text,
  role: defaulted(ConversationTextRole, 'user'),
});
export type ThreadRealtimeAppendTextParams = Wire<typeof ThreadRealtimeAppendTextParams>;

export const ThreadRealtimeAppendTextResponse = struct('ThreadRealtimeAppendTextResponse', {});
export type ThreadRealtimeAppendTextResponse = Wire<typeof ThreadRealtimeAppendTextResponse>;

export const ThreadRealtimeBemItemPresentation = tagged('ThreadRealtimeBemItemPresentation', 'type', {
  wholeItem: {},
  inlineMarkdown: {},
  inlineVisualization: {
    index: u32,
  },
});
export type ThreadRealtimeBemItemPresentation = Wire<typeof ThreadRealtimeBemItemPresentation>;

export const ThreadRealtimeClosedNotification = struct('ThreadRealtimeClosedNotification', {
  threadId: text,
  reason: nullish(text),
});
export type ThreadRealtimeClosedNotification = Wire<typeof ThreadRealtimeClosedNotification>;

export const ThreadRealtimeErrorNotification = struct('ThreadRealtimeErrorNotification', {
  threadId: text,
  message: text,
});
export type ThreadRealtimeErrorNotification = Wire<typeof ThreadRealtimeErrorNotification>;

export const ThreadRealtimeInitialItem = struct('ThreadRealtimeInitialItem', {
  role: ConversationTextRole,
  text: text,
});
export type ThreadRealtimeInitialItem = Wire<typeof ThreadRealtimeInitialItem>;

export const ThreadRealtimeTranscriptRole = oneOf('ThreadRealtimeTranscriptRole', ['user', 'assistant']);
export type ThreadRealtimeTranscriptRole = Wire<typeof ThreadRealtimeTranscriptRole>;

export const ThreadRealtimeSessionOutcome = oneOf('ThreadRealtimeSessionOutcome', ['ended', 'failed']);
export type ThreadRealtimeSessionOutcome = Wire<typeof ThreadRealtimeSessionOutcome>;

/** Since 0.171. */
export const ThreadRealtimeHandoffMode = oneOf('ThreadRealtimeHandoffMode', ['start', 'steer']);
export type ThreadRealtimeHandoffMode = Wire<typeof ThreadRealtimeHandoffMode>;

export const ThreadRealtimeVoiceTranscript = struct('ThreadRealtimeVoiceTranscript', {
  role: ThreadRealtimeTranscriptRole,
  text: text,
});
export type ThreadRealtimeVoiceTranscript = Wire<typeof ThreadRealtimeVoiceTranscript>;

export const ThreadRealtimeFrameChannels = struct('ThreadRealtimeFrameChannels', {
  voice_transcript: ThreadRealtimeVoiceTranscript,
});
export type ThreadRealtimeFrameChannels = Wire<typeof ThreadRealtimeFrameChannels>;

/** `observedAtMs`, `frame`, `turnInputAccepted` and `sessionEndInputSaved`: since 0.171. */
export const ThreadRealtimeItem = struct(
  'ThreadRealtimeItem',
  {
    id: text,
    realtimeSessionId: text,
    observedAtMs: omitted(i64),
  },
  {
    flatten: tagged(null, 'type', {
      realtimeSessionStarted: {},
      frame: {
        channels: ThreadRealtimeFrameChannels,
      },
      transcriptSegment: {
        role: ThreadRealtimeTranscriptRole,
        text: text,
      },
      bemItemPromoted: {
        turnId: text,
        itemId: text,
        presentation: ThreadRealtimeBemItemPresentation,
      },
      realtimeSessionClosed: {
        outcome: ThreadRealtimeSessionOutcome,
      },
      turnInputAccepted: {
        handoffId: text,
        turnId: text,
        mode: ThreadRealtimeHandoffMode,
        sourceEventIds: list(text),
        inputItemId: text,
        input: text,
      },
      sessionEndInputSaved: {
        sourceEventIds: list(text),
        inputItemId: text,
        input: text,
      },
    }),
  },
);
export type ThreadRealtimeItem = Wire<typeof ThreadRealtimeItem>;

export const ThreadRealtimeItemAddedNotification = struct('ThreadRealtimeItemAddedNotification', {
  threadId: text,
  item: json,
});
export type ThreadRealtimeItemAddedNotification = Wire<typeof ThreadRealtimeItemAddedNotification>;

export const ThreadRealtimeItemCompletedNotification = struct('ThreadRealtimeItemCompletedNotification', {
  threadId: text,
  item: ThreadRealtimeItem,
});
export type ThreadRealtimeItemCompletedNotification = Wire<typeof ThreadRealtimeItemCompletedNotification>;

export const ThreadRealtimeItemStartedNotification = struct('ThreadRealtimeItemStartedNotification', {
  threadId: text,
  item: ThreadRealtimeItem,
});
export type ThreadRealtimeItemStartedNotification = Wire<typeof ThreadRealtimeItemStartedNotification>;

export const ThreadRealtimeItemTranscriptDeltaNotification = struct('ThreadRealtimeItemTranscriptDeltaNotification', {
  threadId: text,
  itemId: text,
  delta: text,
});
export type ThreadRealtimeItemTranscriptDeltaNotification = Wire<typeof ThreadRealtimeItemTranscriptDeltaNotification>;

export const ThreadRealtimeOrder = oneOf('ThreadRealtimeOrder', ['observedAt', 'position']);
export type ThreadRealtimeOrder = Wire<typeof ThreadRealtimeOrder>;

export const ThreadRealtimeListParams = struct('ThreadRealtimeListParams', {
  threadId: text,
  sessionId: optional(text),
  fromObservedAtMs: optional(i64),
  toObservedAtMs: optional(i64),
  order: optional(ThreadRealtimeOrder),
  afterPosition: optional(u64),
  eventId: optional(text),
  cursor: optional(text),
  limit: optional(u32),
  snapshotEnd: optional(u64),
  requiredThroughPosition: optional(u64),
});
export type ThreadRealtimeListParams = Wire<typeof ThreadRealtimeListParams>;

export const ThreadRealtimeEntry = struct('ThreadRealtimeEntry', {
  position: u64,
  item: ThreadRealtimeItem,
});
export type ThreadRealtimeEntry = Wire<typeof ThreadRealtimeEntry>;

export const ThreadRealtimeCoverage = oneOf('ThreadRealtimeCoverage', ['unsupported', 'pending', 'ready']);
export type ThreadRealtimeCoverage = Wire<typeof ThreadRealtimeCoverage>;

export const ThreadRealtimeListResponse = struct('ThreadRealtimeListResponse', {
  data: list(ThreadRealtimeEntry),
  nextCursor: nullish(text),
  snapshotEnd: u64,
  projectedThroughItemIndex: u64,
  coverage: ThreadRealtimeCoverage,
});
export type ThreadRealtimeListResponse = Wire<typeof ThreadRealtimeListResponse>;

export const ThreadRealtimeListVoicesParams = struct('ThreadRealtimeListVoicesParams', {});
export type ThreadRealtimeListVoicesParams = Wire<typeof ThreadRealtimeListVoicesParams>;

export const RealtimeVoice = oneOf('RealtimeVoice', [
  'alloy',
  'arbor',
  'ash',
  'aube',
  'ballad',
  'breeze',
  'bubbie',
  'cedar',
  'coral',
  'cove',
  'echo',
  'ember',
  'haetsal',
  'hanul',
  'himari',
  'juniper',
  'leher',
  'maple',
  'marin',
  'miko',
  'neer',
  'porto',
  'rindo',
  'rio',
  'rivage',
  'sage',
  'selva',
  'shimmer',
  'sol',
  'sonna',
  'spruce',
  'tinta',
  'vale',
  'verse',
  'viola',
]);
export type RealtimeVoice = Wire<typeof RealtimeVoice>;

export const RealtimeVoicesList = struct('RealtimeVoicesList', {
  v1: list(RealtimeVoice),
  v2: list(RealtimeVoice),
  v3: omittable(list(RealtimeVoice), []),
  defaultV1: RealtimeVoice,
  defaultV2: RealtimeVoice,
});
export type RealtimeVoicesList = Wire<typeof RealtimeVoicesList>;

export const ThreadRealtimeListVoicesResponse = struct('ThreadRealtimeListVoicesResponse', {
  voices: RealtimeVoicesList,
});
export type ThreadRealtimeListVoicesResponse = Wire<typeof ThreadRealtimeListVoicesResponse>;

export const ThreadRealtimeOutputAudioDeltaNotification = struct('ThreadRealtimeOutputAudioDeltaNotification', {
  threadId: text,
  audio: ThreadRealtimeAudioChunk,
});
export type ThreadRealtimeOutputAudioDeltaNotification = Wire<typeof ThreadRealtimeOutputAudioDeltaNotification>;

export const ThreadRealtimeSdpNotification = struct('ThreadRealtimeSdpNotification', {
  threadId: text,
  sdp: text,
});
export type ThreadRealtimeSdpNotification = Wire<typeof ThreadRealtimeSdpNotification>;

export const CodexResponseHandoffMode = oneOf('CodexResponseHandoffMode', ['thinking', 'commentary', 'bemTags']);
export type CodexResponseHandoffMode = Wire<typeof CodexResponseHandoffMode>;

export const RealtimeOutputModality = oneOf('RealtimeOutputModality', ['text', 'audio']);
export type RealtimeOutputModality = Wire<typeof RealtimeOutputModality>;

export const ThreadRealtimeStartTransport = tagged('ThreadRealtimeStartTransport', 'type', {
  websocket: {},
  webrtc: {
    sdp: text,
  },
  existingCall: {
    callId: text,
  },
});
export type ThreadRealtimeStartTransport = Wire<typeof ThreadRealtimeStartTransport>;

export const RealtimeConversationVersion = oneOf('RealtimeConversationVersion', ['v1', 'v2', 'v3']);
export type RealtimeConversationVersion = Wire<typeof RealtimeConversationVersion>;

export const ThreadRealtimeStartParams = struct('ThreadRealtimeStartParams', {
  threadId: text,
  clientManagedHandoffs: optional(bool),
  delegationAckFiller: optional(bool),
  flushTranscriptTailOnSessionEnd: optional(bool),
  codexResponsesAsItems: optional(bool),
  codexResponseItemPrefix: optional(text),
  codexResponseHandoffMode: optional(CodexResponseHandoffMode),
  backendReasoningStatus: omittable(bool, false),
  codexResponseHandoffChannelPrefixes: optional(dict(list(text))),
  model: optional(text),
  outputModality: RealtimeOutputModality,
  includeStartupContext: optional(bool),
  initialItems: optional(list(ThreadRealtimeInitialItem)),
  realtimeStartInstructions: optional(text),
  realtimeEndInstructions: optional(text),
  prompt: patch(text),
  realtimeSessionId: optional(text),
  voiceSessionId: optional(text),
  transport: optional(ThreadRealtimeStartTransport),
  version: optional(RealtimeConversationVersion),
  voice: optional(RealtimeVoice),
});
export type ThreadRealtimeStartParams = Wire<typeof ThreadRealtimeStartParams>;

export const ThreadRealtimeStartResponse = struct('ThreadRealtimeStartResponse', {});
export type ThreadRealtimeStartResponse = Wire<typeof ThreadRealtimeStartResponse>;

export const ThreadRealtimeStartedNotification = struct('ThreadRealtimeStartedNotification', {
  threadId: text,
  realtimeSessionId: nullish(text),
  version: RealtimeConversationVersion,
});
export type ThreadRealtimeStartedNotification = Wire<typeof ThreadRealtimeStartedNotification>;

export const ThreadRealtimeStopParams = struct('ThreadRealtimeStopParams', {
  threadId: text,
});
export type ThreadRealtimeStopParams = Wire<typeof ThreadRealtimeStopParams>;

export const ThreadRealtimeStopResponse = struct('ThreadRealtimeStopResponse', {});
export type ThreadRealtimeStopResponse = Wire<typeof ThreadRealtimeStopResponse>;

export const ThreadRealtimeTranscriptDeltaNotification = struct('ThreadRealtimeTranscriptDeltaNotification', {
  threadId: text,
  role: text,
  delta: text,
});
export type ThreadRealtimeTranscriptDeltaNotification = Wire<typeof ThreadRealtimeTranscriptDeltaNotification>;

export const ThreadRealtimeTranscriptDoneNotification = struct('ThreadRealtimeTranscriptDoneNotification', {
  threadId: text,
  role: text,
  text: text,
});
export type ThreadRealtimeTranscriptDoneNotification = Wire<typeof ThreadRealtimeTranscriptDoneNotification>;
