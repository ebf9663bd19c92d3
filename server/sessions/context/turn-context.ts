/**
 * The context messages before the first input of a turn: all of them at first, later only those that changed. They are
 * appended and nothing is rewritten, so the endpoint's prompt cache stays valid (docs/protocol/turns.md §3).
 */
import { isDenied } from '../../sandbox/policy/denied-files.js';
import { createPathResolver } from '../../sandbox/policy/resolve-path.js';
import type { ThreadState } from '../live/live-thread.js';
import type { HistoryItem } from '../model/provider/model-provider.js';
import { newId } from '../store/records/thread-id.js';
import { agentsMdOf, agentsMdText } from './agents-md.js';
import { BASE_INSTRUCTIONS } from './base-instructions.js';
import { collaborationModeText } from './collaboration-mode.js';
import { environmentText } from './environment-text.js';
import { permissionsText } from './permissions-text.js';
import { findSkills, skillsText, type Skill } from './skills.js';
import { sentContextIn, wasSent, type ContextKind } from './sent-context.js';

export interface ContextOptions {
  readonly state: ThreadState;
  readonly codexHome: string;
  /** The model's history so far. */
  readonly history: readonly HistoryItem[];
  /** The model of the last request; null: there was none, or it is unknown. */
  readonly lastModel: string | null;
  readonly approvedPrefixes?: readonly (readonly string[])[];
}

/** In the order in which they are appended. */
export function turnContext(options: ContextOptions): HistoryItem[] {
  const { state, history, lastModel } = options;
  const told = sentContextIn(history);
  const now = currentTexts(options);
  const fresh = (kind: ContextKind): string[] => {
    const text = now[kind];
    return text === null || text === told[kind] ? [] : [text];
  };
  // The default mode is mentioned only after another one.
  const mode = state.wire.collaborationMode;
  const tellsMode = mode.mode !== 'default' || mode.settings.developer_instructions !== null || told.collaboration;
  const switched = lastModel !== null && lastModel !== state.wire.model ? [modelSwitch(state.wire.model)] : [];
  const { developerInstructions: own } = state;
  const developer = [
    ...(own === null || own.trim() === '' || wasSent(history, own) ? [] : [own]),
    ...switched,
    ...fresh('skills'),
    ...fresh('permissions'),
    ...(tellsMode ? fresh('collaboration') : []),
  ];
  const managed = managedInstructions(state);
  const demanded = managed === null || wasSent(history, managed) ? [] : [managed];
  const user = [...fresh('agents'), ...fresh('environment')];
  return [...message('developer', developer), ...message('developer', demanded), ...message('user', user)];
}

/** The first message of every request. It is not part of the history, because it never changes within a thread. */
export function baseMessage(threadId: string, instructions: string | null): HistoryItem | null {
  if (instructions === '') return null;
  const text = instructions ?? BASE_INSTRUCTIONS;
  return { type: 'message', id: `msg_${threadId}`, role: 'developer', content: [{ type: 'input_text', text }] };
}

function currentTexts({ state, codexHome, approvedPrefixes }: ContextOptions): Record<ContextKind, string | null> {
  const { table, wire } = state;
  return {
    skills: skillsText(skillsOf(state, codexHome), table),
    permissions: table.include_permissions_instructions === false ? null : permissionsText(state, approvedPrefixes),
    collaboration: collaborationModeText(wire.collaborationMode),
    agents: agentsMdText(agentsMdOf(state, codexHome), wire.cwd),
    environment: table.include_environment_context === false ? null : environmentText(state),
  };
}

/** The skills that commands of the thread can read: the model could not read others, or a denial forbids them. */
function skillsOf(
  { table, plugins, wire, profile, settings, runtimeWorkspaceRoots }: ThreadState,
  codexHome: string,
): readonly Skill[] {
  const roots = [wire.cwd, ...runtimeWorkspaceRoots];
  const resolve = createPathResolver();
  return findSkills(codexHome, wire.cwd, table, plugins).filter(
    ({ path: file }) => !isDenied(resolve(file).real, profile, settings.managedDenials, roots),
  );
}

/** The requirements' instructions for every model. */
function managedInstructions({ settings }: ThreadState): string | null {
  const text = settings.modelRequirements.developerInstructions;
  return text === null ? null : `<managed_developer_instructions>\n${text}\n</managed_developer_instructions>`;
}

function modelSwitch(model: string): string {
  return `<model_switch>\nThe person chose another model for what follows: you are ${model} now. Go on with the conversation as it stands.\n</model_switch>`;
}

function message(role: 'developer' | 'user', texts: readonly string[]): HistoryItem[] {
  if (texts.length === 0) return [];
  const content = texts.map((text) => ({ type: 'input_text', text }));
  return [{ type: 'message', id: `msg_${newId()}`, role, content }];
}
