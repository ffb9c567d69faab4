import { CorruptDataError } from '../../schema/errors.ts';

/**
 * Cap'n Proto's packed encoding for single-segment messages. Hand-written, with its two sibling
 * files: the one maintained TypeScript library (capnp-es) wants a TypeScript version below ours as
 * a peer, so it cannot be installed beside it, and the protocol needs three message types only.
 *
 * The client fills the segment table first and the segment after it, and refuses a run (tag 00 or
 * ff) that spills from one into the other ("did not end cleanly on a segment boundary"), so the
 * 8-byte table is always packed on its own.
 */
const MAX_RUN_WORDS = 255;

/**
 * Packs with ff tags only: one literal word and up to 255 raw words. Legal, accepted by every
 * reader, 2 bytes per 2 KiB, and a memcpy: twice as fast here as the textbook packing.
 */
export function packRaw(message: Buffer): Buffer {
  const wordCount = message.length / 8;
  const out = Buffer.allocUnsafe(message.length + 4 + 2 * Math.ceil(wordCount / 256));
  out[0] = 0xff;
  message.copy(out, 1, 0, 8);
  out[9] = 0;
  let at = 10;
  for (let word = 1; word < wordCount; word += 1 + MAX_RUN_WORDS) {
    const run = Math.min(MAX_RUN_WORDS, wordCount - word - 1);
    out[at++] = 0xff;
    message.copy(out, at, word * 8, word * 8 + 8);
    at += 8;
    out[at++] = run;
    message.copy(out, at, word * 8 + 8, (word + 1 + run) * 8);
    at += run * 8;
  }
  return out.subarray(0, at);
}

/** The textbook packing, which drops zero bytes; as a production server sends it. */
export function packDense(message: Buffer): Buffer {
  const out = Buffer.allocUnsafe(message.length + Math.ceil(message.length / 8) * 2 + 16);
  const tableEnd = packSection(message, 0, 8, out, 0);
  return out.subarray(0, packSection(message, 8, message.length, out, tableEnd));
}

function packSection(
  message: Buffer,
  from: number,
  to: number,
  out: Buffer,
  start: number,
): number {
  let at = start;
  for (let i = from; i < to; ) {
    const tagAt = at++;
    let tag = 0;
    for (let bit = 0; bit < 8; bit++) {
      const byte = message[i + bit] ?? 0;
      if (byte === 0) continue;
      tag |= 1 << bit;
      out[at++] = byte;
    }
    i += 8;
    out[tagAt] = tag;
    if (tag === 0) {
      const run = countWords(message, i, to, (zeros) => zeros === 8);
      out[at++] = run;
      i += run * 8;
    } else if (tag === 0xff) {
      const run = countWords(message, i, to, (zeros) => zeros < 2);
      out[at++] = run;
      message.copy(out, at, i, i + run * 8);
      at += run * 8;
      i += run * 8;
    }
  }
  return at;
}

/** How many words from `from` on (255 at most) satisfy a test on their number of zero bytes. */
function countWords(
  message: Buffer,
  from: number,
  to: number,
  test: (zeroBytes: number) => boolean,
): number {
  let words = 0;
  for (let i = from; i < to && words < MAX_RUN_WORDS; i += 8, words++) {
    let zeros = 0;
    for (let byte = 0; byte < 8; byte++) if (message[i + byte] === 0) zeros++;
    if (!test(zeros)) break;
  }
  return words;
}

/** Packed bytes → message, of at most `maxBytes`. Throws CorruptDataError on a truncated or huge one. */
export function unpack(packed: Buffer, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > packed.length) throw new CorruptDataError('The packed message is truncated.');
    at += count;
    return packed.subarray(at - count, at);
  };
  const emit = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > maxBytes) {
      throw new CorruptDataError('The message is too large.', { facts: { maxBytes } });
    }
    chunks.push(chunk);
  };
  while (at < packed.length) {
    const tag = take(1)[0] ?? 0;
    const word = Buffer.alloc(8);
    for (let bit = 0; bit < 8; bit++) {
      if (tag & (1 << bit)) word[bit] = take(1)[0] ?? 0;
    }
    emit(word);
    if (tag === 0) emit(Buffer.alloc((take(1)[0] ?? 0) * 8));
    else if (tag === 0xff) emit(take((take(1)[0] ?? 0) * 8));
  }
  return Buffer.concat(chunks);
}
