/** The two forms of the chat, for the code that they share. */
import type { ChatSession, SessionOptions, UserInput } from '../session/chat-session.js';

export interface Pickable {
  readonly value: string;
  readonly label: string;
  readonly about: string;
}

/** What a form of the chat does for a command. Texts need not be safe yet. */
export interface CommandHost {
  say(text: string): void;
  complain(text: string): void;
  /** Shows a diff of the workspace. */
  showDiff(diff: string): void;
  /** Null: the person chose nothing. */
  pick(title: string, choices: readonly Pickable[]): Promise<string | null>;
  attach(image: UserInput, name: string): void;
  quit(): void;
  /** The keys, for the help. */
  readonly keys: readonly string[];
  readonly sendsImages: boolean;
}

/** One run of the chat. */
export interface ChatRun extends SessionOptions {
  /** Opens the thread that the command line names. */
  readonly open: (session: ChatSession, host: Pick<CommandHost, 'pick'>) => Promise<void>;
  /** Null: the person types the first message. */
  readonly prompt: string | null;
  readonly images: readonly UserInput[];
  /** Images are sent as bytes, not as paths. */
  readonly sendsImages: boolean;
}
