/** The handlers of the catalog: finding threads, and what stands beside them. */
import type { HandlerTable } from '../../../rpc/connection/caller.js';
import {
  projectCreateHandler,
  projectDeleteHandler,
  projectImportHandler,
  projectListHandler,
  projectMoveHandler,
  projectReadHandler,
  projectUpdateHandler,
} from './project.js';
import {
  threadAttachmentAddHandler,
  threadAttachmentListHandler,
  threadAttachmentOwnerListHandler,
  threadAttachmentRemoveHandler,
} from './thread-attachment.js';
import { threadGoalClearHandler } from './thread-goal-clear.js';
import { threadGoalGetHandler } from './thread-goal-get.js';
import { threadGoalSetHandler } from './thread-goal-set.js';
import type { GoalDeps } from '../../agenda/thread-goal.js';
import { threadListHandler, type ThreadListDeps } from './thread-list.js';
import { threadMemoryReadHandler } from './thread-memory-read.js';
import { threadMemoryModeSetHandler } from './thread-memory-mode-set.js';
import { threadMetadataUpdateHandler } from './thread-metadata-update.js';
import { threadNameSetHandler } from './thread-name-set.js';
import {
  threadQueueAddHandler,
  threadQueueDeleteHandler,
  threadQueueListHandler,
  threadQueueReorderHandler,
  threadQueueStartHandler,
  threadQueueUpdateHandler,
  type QueueDeps,
} from '../../agenda/thread-queue.js';
import { threadReadStateUpdateHandler } from './thread-read-state-update.js';
import { threadSearchHandler } from './thread-search.js';
import {
  threadSectionCreateHandler,
  threadSectionDeleteHandler,
  threadSectionListHandler,
  threadSectionMoveHandler,
  threadSectionUpdateHandler,
} from './thread-section.js';

export type CatalogHandlerDeps = ThreadListDeps & GoalDeps & QueueDeps;

/** The names are in session-methods.ts. */
export function catalogHandlers(deps: CatalogHandlerDeps) {
  return {
    'thread/list': threadListHandler(deps),
    'thread/search': threadSearchHandler(deps),
    'thread/name/set': threadNameSetHandler(deps),
    'thread/metadata/update': threadMetadataUpdateHandler(deps),
    'thread/memoryMode/set': threadMemoryModeSetHandler(deps),
    'thread/memory/read': threadMemoryReadHandler(deps),
    'thread/readState/update': threadReadStateUpdateHandler(deps),
    'thread/goal/set': threadGoalSetHandler(deps),
    'thread/goal/get': threadGoalGetHandler(deps),
    'thread/goal/clear': threadGoalClearHandler(deps),
    'threadSection/list': threadSectionListHandler(deps),
    'threadSection/create': threadSectionCreateHandler(deps),
    'threadSection/update': threadSectionUpdateHandler(deps),
    'threadSection/delete': threadSectionDeleteHandler(deps),
    'thread/section/move': threadSectionMoveHandler(deps),
    'thread/attachment/add': threadAttachmentAddHandler(deps),
    'thread/attachment/list': threadAttachmentListHandler(deps),
    'thread/attachment/remove': threadAttachmentRemoveHandler(deps),
    'thread/attachmentOwner/list': threadAttachmentOwnerListHandler(deps),
    'thread/queue/add': threadQueueAddHandler(deps),
    'thread/queue/list': threadQueueListHandler(deps),
    'thread/queue/update': threadQueueUpdateHandler(deps),
    'thread/queue/delete': threadQueueDeleteHandler(deps),
    'thread/queue/reorder': threadQueueReorderHandler(deps),
    'thread/queue/start': threadQueueStartHandler(deps),
    'project/list': projectListHandler(deps),
    'project/read': projectReadHandler(deps),
    'project/create': projectCreateHandler(deps),
    'project/import': projectImportHandler(deps),
    'project/update': projectUpdateHandler(deps),
    'project/move': projectMoveHandler(deps),
    'project/delete': projectDeleteHandler(deps),
  } satisfies HandlerTable;
}
