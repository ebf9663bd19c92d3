/** Converts a person's message to an item and to the model's input (docs/protocol/turns.md §1 "Input kinds"). */
import type { ThreadItem, UserInput } from '../../../schema/protocol/threads/item.js';
import type { FunctionCallOutputBody } from '../../../schema/protocol/threads/response-item.js';
import { invalidRequest, invalidParams } from '../../errors/rpc-error.js';
import { skillText } from '../context/skills.js';
import type { HistoryItem } from '../model/provider/model-provider.js';
import type { InputPart, ToolOutputInput, TurnInput } from '../runtime/turn-input.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import { newId } from '../store/records/thread-id.js';
import { imagePart, isRemoteImage, REMOTE_IMAGE, type ImageTaking, type Part } from '../tools/files/image-data.js';
import { osError } from '../tools/apply-patch/plan-patch.js';
import { isFolder } from '../../system/files/look.js';
import { libraryText } from '../../system/node/os-errors.js';
import { FileRefused, openFile, readWholeLater } from '../../system/files/open-file.js';
import { MAX_IMAGE_BYTES } from '../tools/files/read-file.js';

export type { InputPart, ToolOutputInput, TurnInput };

/** In characters, over all text parts. */
const MAX_INPUT_CHARS = 1_048_576;

/** Throws RpcError (docs/protocol/turns.md §1 "Errors"). */
export function assertInputSize(input: readonly InputPart[]): void {
  let chars = 0;
  for (const part of input) if (part.type === 'text') for (const _ of part.text) chars++;
  if (chars <= MAX_INPUT_CHARS) return;
  throw invalidParams(`Input exceeds the maximum length of ${MAX_INPUT_CHARS} characters.`, {
    input_error_code: 'input_too_large',
    max_chars: MAX_INPUT_CHARS,
    actual_chars: chars,
  });
}

type Extra = { readonly value: string; readonly kind: 'untrusted' | 'application'; readonly name?: string | null };

/**
 * `additionalContext`: text of an application counts as an instruction, other context has the form of a tool's output.
 */
export function additionalContext(context: Readonly<Record<string, Extra>> | null | undefined): HistoryItem[] {
  return Object.entries(context ?? {}).map(([key, { kind, value }]) =>
    kind === 'application'
      ? messageOf('developer', [{ type: 'input_text', text: `<${key}>${value}</${key}>` }])
      : { type: 'function_call_output', id: `fco_${newId()}`, name: key, namespace: 'agent', output: value },
  );
}

export interface WrittenInput {
  /** The userMessage (or functionCallOutput) item; null if the input is empty. */
  readonly item: ThreadItem | null;
  /** The records for the history, the message first. */
  readonly records: readonly NewRecord[];
}

/** Reads the files that the input names. */
export async function writeInput(turnInput: TurnInput, model: ImageTaking): Promise<WrittenInput> {
  const { input, toolOutput, clientUserMessageId } = turnInput;
  const before = turnInput.before.map(record);
  if (toolOutput !== null) {
    const { name, namespace } = toolOutput;
    const output = writtenOutput(toolOutput.output);
    const sent = record({ type: 'function_call_output', id: `fco_${newId()}`, name, output });
    return { item: { type: 'functionCallOutput', id: newId(), name, namespace, output }, records: [...before, sent] };
  }
  if (input.length === 0) return { item: null, records: before };
  const content: Part[] = [];
  const skills: HistoryItem[] = [];
  let images = 0;
  for (const part of input) {
    switch (part.type) {
      case 'text':
        content.push({ type: 'input_text', text: part.text });
        break;
      case 'image':
        images++;
        if ('url' in part) content.push(await imagePart(part.url, part.detail ?? 'high', model));
        else content.push({ type: 'input_image', file_id: part.fileId, detail: part.detail ?? 'high' });
        break;
      case 'localImage':
        content.push(...(await localImage(part.path, part.detail ?? 'high', ++images, model)));
        break;
      case 'skill': {
        const text = skillText(part);
        if (text !== null) skills.push(messageOf('user', [{ type: 'input_text', text }]));
        break;
      }
      default: // mentions are for apps; audio was refused before
    }
  }
  const item: ThreadItem = {
    type: 'userMessage',
    id: newId(),
    clientId: clientUserMessageId,
    content: input.map(shown),
  };
  const message = content.length === 0 ? [] : [messageOf('user', content)];
  return { item, records: [...before, ...[...message, ...skills].map(record)] };
}

/** Throws RpcError for kinds of input that no model supports here. */
export function assertInputKinds(input: readonly InputPart[]): void {
  const audio = input.find(({ type }) => type === 'audio' || type === 'localAudio');
  if (audio) throw invalidRequest(`input of type \`${audio.type}\` is not supported by codexd yet`);
  if (input.some((part) => part.type === 'image' && 'url' in part && isRemoteImage(part.url)))
    throw invalidRequest(REMOTE_IMAGE);
}

async function localImage(path: string, detail: string, number: number, model: ImageTaking): Promise<Part[]> {
  let bytes: Buffer;
  try {
    const opened = openFile(path);
    try {
      bytes = await readWholeLater(opened, MAX_IMAGE_BYTES);
    } finally {
      opened.close();
    }
  } catch (error) {
    const notAFile = error instanceof FileRefused && error.refusal === 'not-a-file';
    const why = !notAFile ? osError(error) : isFolder(path) ? libraryText('EISDIR') : 'it is not a file';
    const text = `Codex could not read the local image at \`${path}\`: ${why}`;
    return [{ type: 'input_text', text }];
  }
  const open: Part = { type: 'input_text', text: `<image name=[Image #${number}] path="${path}">` };
  return [open, await imagePart(bytes, detail, model), { type: 'input_text', text: '</image>' }];
}

/** An output without the members that the client did not give. */
function writtenOutput(output: ToolOutputInput['output']): FunctionCallOutputBody {
  if (typeof output === 'string') return output;
  return output.map((part) => {
    if (part.type !== 'input_image') return part;
    const { detail, ...image } = part;
    return detail === null ? image : { ...image, detail };
  });
}

/** The input in the item's form. The official program writes `detail: null`, which its own types do not have. */
function shown(part: InputPart): UserInput {
  const whole = part.type === 'image' || part.type === 'localImage' ? { ...part, detail: part.detail ?? null } : part;
  return whole as UserInput;
}

function messageOf(role: 'user' | 'developer', content: readonly Part[]): HistoryItem {
  return { type: 'message', id: `msg_${newId()}`, role, content };
}

const record = (payload: HistoryItem): NewRecord => ({ type: 'response_item', payload });
