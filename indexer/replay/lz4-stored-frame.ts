/**
 * LZ4 frames whose blocks are all "stored" (bit 31 of the block size is set): nothing is
 * compressed, and the client is still sent down its LZ4 path. Format: LZ4 frame 1.6.1.
 */
const MAX_BLOCK_BYTES = 4 << 20;

/** Wraps `bytes` in one valid LZ4 frame without compressing them. */
export function lz4StoredFrame(bytes: Uint8Array): Uint8Array {
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0]);
  header[6] = (xxHash32Short(header.subarray(4, 6)) >>> 8) & 0xff;
  const parts: Uint8Array[] = [header];
  for (let at = 0; at < bytes.length; at += MAX_BLOCK_BYTES) {
    const block = bytes.subarray(at, at + MAX_BLOCK_BYTES);
    const size = Buffer.alloc(4);
    size.writeUInt32LE((block.length | 0x80000000) >>> 0);
    parts.push(size, block);
  }
  parts.push(Buffer.alloc(4));
  return Buffer.concat(parts);
}

/** xxHash32 with seed 0 of fewer than 4 bytes: all the frame header's checksum needs. */
function xxHash32Short(bytes: Uint8Array): number {
  let hash = (374761393 + bytes.length) >>> 0;
  for (const byte of bytes) {
    hash = (hash + Math.imul(byte, 374761393)) >>> 0;
    hash = Math.imul((hash << 11) | (hash >>> 21), 2654435761) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 3266489917) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}
