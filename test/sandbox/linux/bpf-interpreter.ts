import { Field, Opcode } from '../../../server/sandbox/linux/bpf.js';

/** The part of a system call that a filter sees. */
export interface CallData {
  readonly number: number;
  readonly architecture: number;
  readonly args: readonly bigint[];
}

/**
 * Runs an assembled program like the kernel. Throws for a jump out of bounds and for instructions that we do not emit.
 */
export function interpret(program: Buffer, call: CallData): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number >>> 0, Field.number);
  data.writeUInt32LE(call.architecture >>> 0, Field.architecture);
  call.args.forEach((arg, i) => data.writeBigUInt64LE(BigInt.asUintN(64, arg), Field.argumentLow(i)));
  let word = 0;
  for (let at = 0; ; at += 8) {
    if (at < 0 || at >= program.length) throw new RangeError('the program counter left the program');
    const code = program.readUInt16LE(at);
    const jt = program.readUInt8(at + 2);
    const jf = program.readUInt8(at + 3);
    const k = program.readUInt32LE(at + 4);
    if (code === Opcode.loadWord) word = data.readUInt32LE(k);
    else if (code === Opcode.return) return k;
    else if (code === Opcode.jumpIfEqual) at += 8 * (word === k ? jt : jf);
    else if (code === Opcode.jumpIfGreaterOrEqual) at += 8 * (word >= k ? jt : jf);
    else if (code === Opcode.jumpIfAnyBit) at += 8 * ((word & k) !== 0 ? jt : jf);
    else throw new Error(`opcode ${code} is not one of ours`);
  }
}
