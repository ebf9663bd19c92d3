/** Room for the beginning of the message, with the id of almost every client. */
const HEAD_ROOM = 128;
const TAIL = '"}}\n';

/**
 * The result `{"dataBase64": …}`, which is its own message: bytes that are appended are written as base64 where they
 * are sent from. So a large file costs its message and no other copy, and no text of V8, whose length is limited.
 */
export class Base64Result {
  #room: Buffer;
  #end = HEAD_ROOM;
  /** Bytes that do not fill a group of three yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** `bytes`: how many are expected. More may come, and fewer. */
  constructor(bytes: number) {
    this.#room = Buffer.allocUnsafe(HEAD_ROOM + base64Length(bytes) + TAIL.length);
  }

  append(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = all.length - (all.length % 3);
    this.#write(all.subarray(0, whole));
    this.#rest = Buffer.from(all.subarray(whole));
  }

  /** The value of the member, as a text of its own. */
  get dataBase64(): string {
    this.#finish();
    return this.#room.toString('latin1', HEAD_ROOM, this.#end);
  }

  /** The whole message, with a newline. It is the same memory in each call. */
  message(idText: string): Buffer {
    this.#finish();
    const head = Buffer.from(`{"id":${idText},"result":{"dataBase64":"`);
    this.#ensure(TAIL.length);
    const end = this.#end + this.#room.write(TAIL, this.#end, 'latin1');
    if (head.length > HEAD_ROOM) return Buffer.concat([head, this.#room.subarray(HEAD_ROOM, end)]);
    const start = HEAD_ROOM - head.length;
    head.copy(this.#room, start);
    return this.#room.subarray(start, end);
  }

  #finish(): void {
    this.#write(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  #write(bytes: Buffer): void {
    this.#ensure(base64Length(bytes.length));
    this.#end += this.#room.write(bytes.toString('base64'), this.#end, 'latin1');
  }

  #ensure(more: number): void {
    if (this.#end + more <= this.#room.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#room.length * 2, this.#end + more));
    this.#room.copy(larger, 0, 0, this.#end);
    this.#room = larger;
  }
}

const base64Length = (bytes: number): number => Math.ceil(bytes / 3) * 4;
