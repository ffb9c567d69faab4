/** The bytes are not what the log must be. The message is the reason, fit for a dead letter. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}
