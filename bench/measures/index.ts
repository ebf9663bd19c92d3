import type { Measure } from '../measure.js';
import { connections, connectionsLater } from './connections.js';
import { proxiedExec, readOnlyExec, unsandboxedExec, workspaceWriteExec } from './exec.js';
import { fairness, fairTurn } from './fairness.js';
import { searchFirst, searchKey, searchMemory, searchOnce } from './file-search.js';
import { mcpFirstRequest } from './mcp.js';
import { memory } from './memory.js';
import { addedLatency, freshRequests, keepAliveRequests, tunnel } from './proxy.js';
import { startUp } from './start.js';
import { stream } from './stream.js';
import { threadsList, threadsListCold } from './threads-list.js';
import {
  loadedThreads,
  resumeFirst,
  resumeLegacy,
  resumeLegacyMemory,
  resumeMemory,
  resumePage,
  resumePageMemory,
  resumeWhole,
} from './threads-resume.js';
import { parallelExec } from './throughput.js';
import { deltas, turn, turnCommands } from './turns.js';

/** In the order of the table. */
export const measures: readonly Measure[] = [
  startUp,
  memory,
  readOnlyExec,
  workspaceWriteExec,
  proxiedExec,
  unsandboxedExec,
  parallelExec,
  stream,
  tunnel,
  keepAliveRequests,
  freshRequests,
  addedLatency,
  threadsListCold,
  threadsList,
  resumeWhole,
  resumeLegacy,
  resumeLegacyMemory,
  resumePage,
  resumeFirst,
  resumeMemory,
  resumePageMemory,
  loadedThreads,
  turn,
  deltas,
  turnCommands,
  fairness,
  fairTurn,
  connections,
  connectionsLater,
  mcpFirstRequest,
  searchFirst,
  searchOnce,
  searchKey,
  searchMemory,
];
