import { z } from 'zod';

/** Building bricks of the venues' manifest sections. */
export function hexField(bytes: number) {
  return z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `expected 0x and ${bytes * 2} hex digits`)
    .transform((text) => text.toLowerCase());
}

export const addressField = hexField(20);
/** A signed integer as decimal text: JSON numbers are too narrow. */
export const integerField = z.string().regex(/^-?\d{1,78}$/, 'expected an integer as text');
export const decimalsField = z.number().int().min(0).max(36);
export const blockField = z.number().int().min(0);
