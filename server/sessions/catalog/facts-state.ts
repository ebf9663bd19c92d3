/**
 * The state that the journal's entries produce: facts about threads that are not in rollouts, sections and projects.
 *
 * Every daemon applies the entries in the order of the file. Applying an entry twice has no further effect. An entry
 * whose condition no longer holds changes nothing. Its writer checks the state to see whether the entry took effect.
 */
import type { GitInfo } from '../../../schema/protocol/threads/thread.js';
import type { Project } from '../../../schema/protocol/services/project.js';
import type { QueuedSubmission } from '../../../schema/protocol/threads/thread-queue.js';
import type { ThreadAttachment } from '../../../schema/protocol/threads/thread-attachment.js';
import type { ThreadGoal } from '../../../schema/protocol/threads/thread-goal.js';
import type { ThreadReadState } from '../../../schema/protocol/threads/thread-list.js';
import type { ThreadSection } from '../../../schema/protocol/threads/thread-section.js';
import { isObject } from '../../system/node/objects.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { Entry, JournalState } from './journal.js';

/** The entries by kind. `id` is the id of a thread. Times are in seconds since the epoch, `ms` in milliseconds. */
export type Fact =
  | { readonly k: 'goal'; readonly id: ThreadId; readonly goal: ThreadGoal | null }
  | { readonly k: 'preview'; readonly id: ThreadId; readonly preview: string }
  | { readonly k: 'memory'; readonly id: ThreadId; readonly mode: 'enabled' | 'disabled' }
  | { readonly k: 'git'; readonly id: ThreadId; readonly git: GitInfo | null }
  | { readonly k: 'daybreak'; readonly id: ThreadId; readonly on: boolean }
  /** Applies only if the revision is `expected`. */
  | { readonly k: 'read'; readonly id: ThreadId; readonly expected: string; readonly state: ThreadReadState }
  | { readonly k: 'turn'; readonly id: ThreadId; readonly turn: string; readonly revision: string; readonly ms: number }
  | { readonly k: 'section'; readonly section: ThreadSection }
  | { readonly k: 'sectionGone'; readonly section: string }
  | {
      readonly k: 'move';
      readonly id: ThreadId;
      readonly section: string | null;
      readonly before: ThreadId | null;
      readonly at: number;
    }
  /** Applies only if the thread has no attachment of that type and key. */
  | { readonly k: 'attach'; readonly id: ThreadId; readonly attachment: ThreadAttachment }
  | { readonly k: 'detach'; readonly id: ThreadId; readonly attachment: string }
  | { readonly k: 'queueAdd'; readonly id: ThreadId; readonly item: QueuedSubmission }
  | { readonly k: 'queueSet'; readonly id: ThreadId; readonly item: QueuedSubmission }
  | { readonly k: 'queueTake'; readonly id: ThreadId; readonly item: string; readonly by: string }
  /** Applies only if the queue has exactly these items. */
  | { readonly k: 'queueOrder'; readonly id: ThreadId; readonly items: readonly string[] }
  | { readonly k: 'project'; readonly id: ThreadId; readonly project: string | null }
  /** `key`: the request that created the project. Applies only if no other project has that key. */
  | { readonly k: 'projectSet'; readonly project: StoredProject; readonly key?: string }
  | { readonly k: 'projectMove'; readonly project: string; readonly before: string | null }
  | { readonly k: 'projectGone'; readonly project: string }
  | { readonly k: 'gone'; readonly id: ThreadId };

/** A project without the members that are computed: its position and the times of its threads. */
export type StoredProject = Omit<Project, 'position' | 'recencyAt'>;

export interface ThreadRecord {
  goal?: ThreadGoal;
  preview?: string;
  memory?: 'enabled' | 'disabled';
  git?: GitInfo | null;
  daybreak?: boolean;
  readState?: ThreadReadState;
  /** When its last turn ended in a codexd, in milliseconds since the epoch. */
  turnMs?: number;
  place?: { readonly section: string; readonly position: number; readonly at: number };
  attachments?: ThreadAttachment[];
  queue?: QueuedSubmission[];
  /** Which daemon took which item from the queue, so that only one of two daemons starts it. */
  taken?: { readonly item: string; readonly by: string };
  project?: string;
}

export interface FactsState extends JournalState {
  apply(entry: Entry | Fact): void;
  thread(id: ThreadId): Readonly<ThreadRecord>;
  readonly threads: ReadonlyMap<ThreadId, Readonly<ThreadRecord>>;
  readonly sections: ReadonlyMap<string, ThreadSection>;
  /** In their order. */
  readonly projects: readonly StoredProject[];
  projectByKey(key: string): string | undefined;
  /** The threads of a section in their order. */
  inSection(section: string): ThreadId[];
}

/** The section that always exists (docs/protocol/threads.md §9). */
export const PINNED: ThreadSection = { id: '01984de2-8f74-7c91-a3b2-5c5e937cf318', name: 'Pinned', appearance: null };

/** The distance between neighbours in a section: enough for about fifty insertions at the same place. */
const STEP = 1_000_000;

export function createFactsState(): FactsState {
  const threads = new Map<ThreadId, ThreadRecord>();
  const sections = new Map<string, ThreadSection>();
  const projectKeys = new Map<string, string>();
  let projects: StoredProject[] = [];
  /** Entries of a later version, which compaction keeps. */
  let foreign: Entry[] = [];

  const of = (id: ThreadId): ThreadRecord => {
    let record = threads.get(id);
    if (record === undefined) threads.set(id, (record = {}));
    return record;
  };

  function inSection(section: string): ThreadId[] {
    return [...threads]
      .flatMap(([id, { place }]) => (place?.section === section ? [{ id, position: place.position }] : []))
      .sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1))
      .map(({ id }) => id);
  }

  function move({ id, section, before, at }: Extract<Fact, { k: 'move' }>): void {
    const record = of(id);
    if (section === null || !sections.has(section)) {
      delete record.place;
      return;
    }
    const entered = record.place?.section === section ? record.place.at : at;
    const order = inSection(section).filter((other) => other !== id);
    const index = before === null ? -1 : order.indexOf(before);
    order.splice(index === -1 ? order.length : index, 0, id);
    const positions = order.map((other) => (other === id ? null : (threads.get(other)?.place?.position ?? 0)));
    const here = order.indexOf(id);
    const [low, high] = [positions[here - 1] ?? null, positions[here + 1] ?? null];
    const position = between(low, high);
    record.place = { section, position, at: entered };
    if ((low === null || position > low) && (high === null || position < high)) return;
    // There is no number between the neighbours: all rows get new numbers.
    order.forEach((other, n) => {
      const { place } = of(other);
      if (place !== undefined) of(other).place = { ...place, position: (n + 1) * STEP };
    });
  }

  function apply(fact: Fact): void {
    switch (fact.k) {
      case 'goal':
        if (fact.goal === null) delete of(fact.id).goal;
        else of(fact.id).goal = fact.goal;
        return;
      case 'preview':
        of(fact.id).preview ??= fact.preview;
        return;
      case 'memory':
        of(fact.id).memory = fact.mode;
        return;
      case 'git':
        of(fact.id).git = fact.git;
        return;
      case 'daybreak':
        of(fact.id).daybreak = fact.on;
        return;
      case 'read': {
        if (readStateOf(fact.id, threads.get(fact.id)).revision === fact.expected) of(fact.id).readState = fact.state;
        return;
      }
      case 'turn': {
        const record = of(fact.id);
        const { firstUnread } = readStateOf(fact.id, record);
        record.readState = {
          firstUnread: firstUnread ?? { type: 'turn', turnId: fact.turn },
          revision: fact.revision,
        };
        record.turnMs = fact.ms;
        return;
      }
      case 'section':
        sections.set(fact.section.id, fact.section);
        return;
      case 'sectionGone':
        if (fact.section === PINNED.id) return;
        sections.delete(fact.section);
        for (const record of threads.values()) if (record.place?.section === fact.section) delete record.place;
        return;
      case 'move':
        return move(fact);
      case 'attach': {
        const record = of(fact.id);
        record.attachments ??= [];
        if (!record.attachments.some((known) => sameKey(known, fact.attachment)))
          record.attachments.push(fact.attachment);
        return;
      }
      case 'detach': {
        const record = of(fact.id);
        record.attachments = (record.attachments ?? []).filter(({ id }) => id !== fact.attachment);
        return;
      }
      case 'queueAdd': {
        const record = of(fact.id);
        record.queue ??= [];
        if (!record.queue.some(({ id }) => id === fact.item.id)) record.queue.push(fact.item);
        return;
      }
      case 'queueSet': {
        const record = of(fact.id);
        record.queue = record.queue?.map((item) => (item.id === fact.item.id ? fact.item : item)) ?? [];
        return;
      }
      case 'queueTake': {
        const record = of(fact.id);
        const waiting = record.queue ?? [];
        if (!waiting.some(({ id }) => id === fact.item)) return;
        record.queue = waiting.filter(({ id }) => id !== fact.item);
        record.taken = { item: fact.item, by: fact.by };
        return;
      }
      case 'queueOrder': {
        const record = of(fact.id);
        const waiting = new Map((record.queue ?? []).map((item) => [item.id, item]));
        const ordered = fact.items.flatMap((item) => waiting.get(item) ?? []);
        if (ordered.length === waiting.size && new Set(fact.items).size === waiting.size) record.queue = ordered;
        return;
      }
      case 'project':
        if (fact.project === null) delete of(fact.id).project;
        else of(fact.id).project = fact.project;
        return;
      case 'projectSet': {
        const { project, key } = fact;
        const index = projects.findIndex(({ id }) => id === project.id);
        if (index >= 0) {
          projects[index] = project;
          return;
        }
        if (key !== undefined && projectKeys.has(key)) return;
        projects.push(project);
        if (key !== undefined) projectKeys.set(key, project.id);
        return;
      }
      case 'projectMove': {
        const moved = projects.find(({ id }) => id === fact.project);
        if (moved === undefined) return;
        const others = projects.filter(({ id }) => id !== fact.project);
        const index = fact.before === null ? -1 : others.findIndex(({ id }) => id === fact.before);
        others.splice(index === -1 ? others.length : index, 0, moved);
        projects = others;
        return;
      }
      case 'projectGone':
        projects = projects.filter(({ id }) => id !== fact.project);
        for (const record of threads.values()) if (record.project === fact.project) delete record.project;
        for (const [key, id] of projectKeys) if (id === fact.project) projectKeys.delete(key);
        return;
      case 'gone':
        threads.delete(fact.id);
        return;
    }
  }

  function reset(): void {
    threads.clear();
    sections.clear();
    sections.set(PINNED.id, PINNED);
    projectKeys.clear();
    projects = [];
    foreign = [];
  }
  reset();

  return {
    threads,
    sections,
    get projects() {
      return projects;
    },
    thread: (id) => threads.get(id) ?? NOTHING,
    projectByKey: (key) => projectKeys.get(key),
    inSection,
    reset,
    apply(entry) {
      if (isFact(entry)) apply(entry);
      else if (!Object.hasOwn(MEMBERS, entry.k)) foreign.push(entry);
    },
    *entries() {
      const keyOf = new Map([...projectKeys].map(([key, id]) => [id, key]));
      const facts = function* (): Iterable<Fact> {
        for (const section of sections.values()) if (section !== PINNED) yield { k: 'section', section };
        for (const project of projects) {
          const key = keyOf.get(project.id);
          yield { k: 'projectSet', project, ...(key === undefined ? {} : { key }) };
        }
        for (const [id, record] of threads) yield* factsOf(id, record);
        for (const section of sections.keys())
          for (const id of inSection(section))
            yield { k: 'move', id, section, before: null, at: threads.get(id)?.place?.at ?? 0 };
      };
      for (const fact of facts()) yield { ...fact };
      yield* foreign;
    },
  };
}

/** The read state of a thread, or its initial read state (docs/protocol/threads.md §9). */
export function readStateOf(id: ThreadId, record: Readonly<ThreadRecord> | undefined): ThreadReadState {
  return record?.readState ?? { firstUnread: null, revision: `initial:${id}` };
}

const NOTHING: Readonly<ThreadRecord> = {};

function* factsOf(id: ThreadId, record: ThreadRecord): Iterable<Fact> {
  const { goal, preview, memory, git, daybreak, readState, turnMs, attachments, queue, project } = record;
  if (goal !== undefined) yield { k: 'goal', id, goal };
  if (preview !== undefined) yield { k: 'preview', id, preview };
  if (memory !== undefined) yield { k: 'memory', id, mode: memory };
  if (git !== undefined) yield { k: 'git', id, git };
  if (daybreak !== undefined) yield { k: 'daybreak', id, on: daybreak };
  if (turnMs !== undefined) yield { k: 'turn', id, turn: '', revision: `initial:${id}`, ms: turnMs };
  if (readState !== undefined) yield { k: 'read', id, expected: `initial:${id}`, state: readState };
  for (const attachment of attachments ?? []) yield { k: 'attach', id, attachment };
  for (const item of queue ?? []) yield { k: 'queueAdd', id, item };
  if (project !== undefined) yield { k: 'project', id, project };
}

function between(low: number | null, high: number | null): number {
  if (low === null) return high === null ? STEP : high / 2;
  return high === null ? low + STEP : (low + high) / 2;
}

const sameKey = (a: ThreadAttachment, b: ThreadAttachment): boolean =>
  a.attachmentType === b.attachmentType && a.identityKey === b.identityKey;

/** The required members of an entry of each kind, so that a damaged or unknown line does no harm. */
const MEMBERS: Readonly<Record<Fact['k'], Readonly<Record<string, (value: unknown) => boolean>>>> = {
  goal: { id: isText, goal: (value) => value === null || (isObject(value) && isText(value['objective'])) },
  preview: { id: isText, preview: isText },
  memory: { id: isText, mode: isText },
  git: { id: isText, git: (value) => value === null || isObject(value) },
  daybreak: { id: isText, on: (value) => typeof value === 'boolean' },
  read: { id: isText, expected: isText, state: (value) => isObject(value) && isText(value['revision']) },
  turn: { id: isText, turn: isText, revision: isText, ms: isNumber },
  section: { section: (value) => isObject(value) && isText(value['id']) && isText(value['name']) },
  sectionGone: { section: isText },
  move: { id: isText, section: isTextOrNull, before: isTextOrNull, at: isNumber },
  attach: { id: isText, attachment: (value) => isObject(value) && isText(value['id']) },
  detach: { id: isText, attachment: isText },
  queueAdd: { id: isText, item: (value) => isObject(value) && isText(value['id']) },
  queueSet: { id: isText, item: (value) => isObject(value) && isText(value['id']) },
  queueTake: { id: isText, item: isText, by: isText },
  queueOrder: { id: isText, items: (value) => Array.isArray(value) && value.every(isText) },
  project: { id: isText, project: isTextOrNull },
  projectSet: { project: (value) => isObject(value) && isText(value['id']) && isText(value['name']) },
  projectMove: { project: isText, before: isTextOrNull },
  projectGone: { project: isText },
  gone: { id: isText },
};

const CHECKS = new Map(Object.entries(MEMBERS).map(([kind, members]) => [kind, Object.entries(members)]));

function isFact(entry: Entry | Fact): entry is Fact {
  const members = CHECKS.get(entry.k);
  if (members === undefined) return false;
  const values = new Map<string, unknown>(Object.entries(entry));
  return members.every(([member, holds]) => holds(values.get(member)));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}
function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}
