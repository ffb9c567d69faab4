import type { z } from 'zod';
import type { ArchiveManifest } from '../../schema/archive-manifest.ts';
import { CorruptDataError } from '../../schema/errors.ts';

/**
 * What an archive's manifest says under `protocols.<venue>`, checked by the venue's own schema; null
 * without a manifest, or where the archive says nothing of the venue.
 * @throws CorruptDataError naming the first field that is wrong.
 */
export function manifestSection<Schema extends z.ZodType>(
  manifest: ArchiveManifest | null,
  venue: string,
  schema: Schema,
): z.infer<Schema> | null {
  const section = manifest?.protocols[venue];
  if (manifest === null || section === undefined) return null;
  const parsed = schema.safeParse(section);
  if (parsed.success) return parsed.data;
  const [problem] = parsed.error.issues;
  throw new CorruptDataError('archive.json says something of a venue that cannot be read.', {
    facts: {
      archive: manifest.name,
      field: ['protocols', venue, ...(problem?.path ?? [])].join('.'),
      problem: problem?.message ?? '',
    },
    remedy: 'Correct the field, or record the archive again.',
  });
}
