/**
 * The set-up of the Windows sandbox: all steps, or no marker. And its removal.
 *
 * Threat: a set-up that stops half-way and is used.
 * Rule: the marker is removed before the first step and written by the last one. What the steps made stays after a
 * failure: the next set-up completes it, and a removal takes it away. A removal tries every undo, in reverse.
 * Scope: an administrator's process. Non-scope: how it gets the rights (elevate.ts).
 */
import { messageOf } from '../../../errors/message-of.js';
import { Win32Error } from '../../../system/windows/win32-security.js';
import { removeMarker } from '../setup-state.js';
import { setupSteps } from './setup-steps.js';
import type { SetupFailure, SetupOptions, SetupSystem } from './setup-system.js';

/** Null: the sandbox is set up, and its walls held. */
export async function runSetup(options: SetupOptions, system: SetupSystem): Promise<SetupFailure | null> {
  const refused = notElevated(system);
  if (refused !== null) return refused;
  removeMarker(options.codexHome);
  for (const { name, run } of setupSteps(options, system)) {
    const text = await outcome(run);
    if (text === null) continue;
    removeMarker(options.codexHome);
    return { code: name, text };
  }
  return null;
}

/** Null: nothing is left of a set-up, whole or half. Otherwise the first undo that failed; the others were tried. */
export async function removeSetup(options: SetupOptions, system: SetupSystem): Promise<SetupFailure | null> {
  const refused = notElevated(system);
  if (refused !== null) return refused;
  removeMarker(options.codexHome);
  const failures: SetupFailure[] = [];
  for (const { name, undo } of [...setupSteps(options, system)].reverse()) {
    // The folder has the list of what is still to be undone.
    if (name === 'folder' && failures.length > 0) continue;
    const text = await outcome(undo);
    if (text !== null) failures.push({ code: name, text });
  }
  const [first, ...others] = failures;
  if (first === undefined) return null;
  return { code: first.code, text: [first.text, ...others.map(({ code, text }) => `${code}: ${text}`)].join('; ') };
}

function notElevated({ security }: SetupSystem): SetupFailure | null {
  const elevated = security.isElevated();
  if (elevated === true) return null;
  const why = elevated instanceof Win32Error ? ` (${elevated.toString()})` : '';
  return {
    code: 'not_elevated',
    text: `an administrator's rights are needed${why}: start a terminal with "Run as administrator" and run codexd windows-sandbox-setup there`,
  };
}

async function outcome(work: () => Promise<string | null> | string | null): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    return messageOf(error);
  }
}
