/** What happens in a chat, as entries of the transcript and as the question in front of the editor. */
import type { OpenQuestion } from '../questions/question-desk.js';
import type { ChatEvents, Tone } from '../session/chat-events.js';
import { FAILED, turnCode } from '../session/exit-codes.js';
import type { FileUpdateChange } from '../../../schema/protocol/threads/item.js';
import type { Transcript } from './transcript.js';

export interface ScreenTargets {
  readonly transcript: Transcript;
  draw(): void;
  /** Shows the question with the changes that it is about. Null: there is none any more. */
  ask(question: OpenQuestion | null, changes: readonly FileUpdateChange[]): void;
  /** The chat ends with this exit code. */
  finish(code: number): void;
  /** In ms. */
  readonly now: () => number;
}

export interface ScreenEvents {
  readonly events: ChatEvents;
  note(tone: Tone, text: string): void;
  /** The person interrupts the running turn. */
  interrupting(): void;
  /** The exit code that the last turn gives. */
  readonly code: number;
  /** The start of the running turn, in ms; 0: none runs. */
  readonly turnSince: number;
}

export function screenEvents({ transcript, draw, ask, finish, now }: ScreenTargets): ScreenEvents {
  let code = 0;
  let turnSince = 0;
  let isInterrupting = false;
  const redraw = (change: () => void): void => {
    change();
    draw();
  };
  const note = (tone: Tone, text: string): void => redraw(() => transcript.add({ kind: 'note', tone, text }));
  const events: ChatEvents = {
    opened(state, turns) {
      transcript.reset(turns);
      const hint = turns.length > 0 ? '' : ' /help lists commands and keys.';
      note('info', `session ${state.id} in ${state.cwd}.${hint}`);
    },
    stateChanged(state) {
      if (state.turnId === null) turnSince = 0;
      else turnSince ||= now();
      if (state.connection === 'closed') {
        note('error', 'the server has ended');
        finish(FAILED);
      }
      draw();
    },
    turnEnded({ status, error }) {
      code = turnCode(status, isInterrupting);
      isInterrupting = false;
      if (error) note('error', error.message);
      if (status === 'interrupted') note('warning', 'the turn was interrupted');
      draw();
    },
    itemStarted: (item) => redraw(() => transcript.put(item)),
    itemGrew: (growth) => redraw(() => transcript.grow(growth)),
    itemCompleted: (item) => redraw(() => transcript.put(item)),
    plan: (plan, explanation) => redraw(() => transcript.plan(plan, explanation)),
    note,
    questionChanged(question) {
      const item = question === null || question.itemId === null ? null : transcript.item(question.itemId);
      ask(question, item?.type === 'fileChange' ? item.changes : []);
    },
    questionWithdrawn: ({ title }) => note('info', `settled elsewhere, or no longer needed: ${title}`),
    questionDeclined: (text) => note('warning', text),
  };
  return {
    events,
    note,
    interrupting: () => (isInterrupting = true),
    get code() {
      return code;
    },
    get turnSince() {
      return turnSince;
    },
  };
}
