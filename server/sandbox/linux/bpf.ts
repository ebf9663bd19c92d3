/**
 * Classic BPF for seccomp(2): instructions, and the few forms of them that our filter needs.
 *
 * A program is an array of `struct sock_filter {u16 code; u8 jt; u8 jf; u32 k}` (linux/filter.h), little-endian on both
 * supported architectures. It reads `struct seccomp_data {int nr; u32 arch; u64 ip; u64 args[6]}` (linux/seccomp.h) in
 * words of 32 bits. Every jump goes forward by at most 255 instructions.
 */

export interface Instruction {
  readonly code: number;
  /** The number of instructions to skip when the test holds, and when it fails. */
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** linux/bpf_common.h: class | size or operation | mode or source. */
export const Opcode = {
  loadWord: 0x20, // BPF_LD | BPF_W | BPF_ABS
  jumpIfEqual: 0x15, // BPF_JMP | BPF_JEQ | BPF_K
  jumpIfGreaterOrEqual: 0x35, // BPF_JMP | BPF_JGE | BPF_K
  jumpIfAnyBit: 0x45, // BPF_JMP | BPF_JSET | BPF_K
  return: 0x06, // BPF_RET | BPF_K
} as const;

/** linux/seccomp.h: the results of a program. */
export const Verdict = {
  allow: 0x7fff0000,
  killProcess: 0x80000000,
  /** The system call is not made and fails with `errno`. */
  fail: (errno: number): number => 0x00050000 | (errno & 0xffff),
} as const;

/** Offsets in struct seccomp_data. */
export const Field = {
  number: 0,
  architecture: 4,
  argumentLow: (index: number): number => 16 + 8 * index,
  argumentHigh: (index: number): number => 20 + 8 * index,
} as const;

export const load = (offset: number): Instruction => ({ code: Opcode.loadWord, jt: 0, jf: 0, k: offset });
export const give = (verdict: number): Instruction => ({ code: Opcode.return, jt: 0, jf: 0, k: verdict });

/** Continues with the next instruction when the loaded word passes the test, else skips `otherwise` instructions. */
export function expect(code: number, k: number, otherwise: number): Instruction {
  if (otherwise < 0 || otherwise > 255) throw new RangeError(`a BPF jump of ${otherwise} instructions does not exist`);
  return { code, jt: 0, jf: otherwise, k };
}

/** Like `expect`, but continues when the word fails the test. */
export function expectNot(code: number, k: number, otherwise: number): Instruction {
  const { jt, jf } = expect(code, k, otherwise);
  return { code, jt: jf, jf: jt, k };
}

const INSTRUCTION_BYTES = 8;
/** BPF_MAXINSNS (linux/bpf_common.h). */
const MAX_INSTRUCTIONS = 4096;

/** Returns the bytes for `bwrap --seccomp` and seccomp(2). */
export function assemble(program: readonly Instruction[]): Buffer {
  if (program.length > MAX_INSTRUCTIONS)
    throw new RangeError(`a BPF program of ${program.length} instructions is too long`);
  const bytes = Buffer.alloc(program.length * INSTRUCTION_BYTES);
  program.forEach(({ code, jt, jf, k }, index) => {
    const at = index * INSTRUCTION_BYTES;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(jt, at + 2);
    bytes.writeUInt8(jf, at + 3);
    bytes.writeUInt32LE(k >>> 0, at + 4);
  });
  return bytes;
}
