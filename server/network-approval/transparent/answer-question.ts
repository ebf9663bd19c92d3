/**
 * The name server of a lane for `transparent_tcp` (RFC 1035): every name has addresses, and they stand for the name.
 *
 * Threat: bytes of a command that the decoder does not expect; a name that the policy would read in another way.
 * Rule: what is no plain question gets an error or no answer. A name gets addresses only if it is a canonical host name
 * (decide/targets.ts). Nobody else is asked: that a program looks a name up tells nothing to the outside.
 */
import { decode, encode, RECURSION_DESIRED, type DecodedPacket, type Packet } from 'dns-packet';
import type { Answer } from 'dns-packet';
import { canonicalHost } from '../decide/targets.js';
import type { NameAddresses } from './name-addresses.js';

/** Seconds; as in the official program. */
const TTL = 60;
/** RFC 1035 §4.1.1 and RFC 6895: codes of answers. */
const Code = { ok: 0, badForm: 1, failed: 2, noName: 3, notImplemented: 4 } as const;
const RECURSION_AVAILABLE = 1 << 7;
const HEADER_BYTES = 12;
/** Bits of the third octet: it is an answer; its operation. */
const IS_ANSWER = 0x80;
const OPERATION = 0x78;
/** RFC 6891: how long an answer over UDP may be; ours are shorter. */
const UDP_BYTES = 1232;

/** The answer to a message, as bytes; null: it gets none. `ipv6`: the lane has such addresses. */
export function answerQuestion(message: Buffer, names: NameAddresses, ipv6: boolean): Buffer | null {
  const operation = message[2];
  if (operation === undefined || message.length < HEADER_BYTES || (operation & IS_ANSWER) !== 0) return null;
  if ((operation & OPERATION) !== 0) return refusal(message, Code.notImplemented);
  let packet: DecodedPacket;
  try {
    packet = decode(message);
  } catch {
    return refusal(message, Code.badForm);
  }
  const [question, ...more] = packet.questions ?? [];
  if (question === undefined || more.length > 0) return refusal(message, Code.badForm);
  if ((question.class ?? 'IN') !== 'IN') return refusal(message, Code.notImplemented);
  const host = canonicalHost(question.name);
  const answers: Answer[] = [];
  let code: number = host?.kind === 'name' ? Code.ok : Code.noName;
  // A question for another type takes no address: there are only so many.
  if (host?.kind === 'name' && (question.type === 'A' || (question.type === 'AAAA' && ipv6))) {
    const addresses = names.of(host.text);
    const record = { name: question.name, ttl: TTL };
    if (addresses === null) code = Code.failed;
    else if (question.type === 'A') answers.push({ ...record, type: 'A', data: addresses.ipv4 });
    else answers.push({ ...record, type: 'AAAA', data: addresses.ipv6 });
  }
  const asked = (packet.flags ?? 0) & RECURSION_DESIRED;
  const answer: Packet = {
    type: 'response',
    id: packet.id ?? 0,
    flags: asked | RECURSION_AVAILABLE | code,
    questions: [question],
    answers,
    additionals: hasOptions(packet) ? [options()] : [],
  };
  try {
    return encode(answer);
  } catch {
    return refusal(message, Code.badForm);
  }
}

/** A header alone, with the question's number. */
function refusal(message: Buffer, code: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 2);
  header[2] = IS_ANSWER | ((message[2] ?? 0) & (OPERATION | 1));
  header[3] = RECURSION_AVAILABLE | code;
  return header;
}

const hasOptions = ({ additionals }: DecodedPacket): boolean =>
  additionals?.some(({ type }) => type === 'OPT') ?? false;

const options = (): Answer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize: UDP_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
});
