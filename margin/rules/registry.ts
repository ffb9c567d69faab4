import { UsageError } from '../../schema/errors.ts';
import type { VenueRules } from '../venue-rules.ts';
import { avantisRules } from './avantis/rules.ts';
import { gmxV1Rules } from './gmx-v1/rules.ts';
import { gmxV2Rules } from './gmx-v2/rules.ts';
import { gtradeRules } from './gtrade/rules.ts';
import { levelRules } from './level/rules.ts';
import { mux3Rules } from './mux3/rules.ts';
import { ostiumRules } from './ostium/rules.ts';
import { synthetixBfpRules } from './synthetix-bfp/rules.ts';
import { synthetixV2Rules } from './synthetix-v2/rules.ts';

/** One line for each venue. States are opaque outside their own rules. */
const RULES: readonly VenueRules[] = [
  gmxV2Rules as VenueRules,
  gmxV1Rules as VenueRules,
  gtradeRules as VenueRules,
  levelRules as VenueRules,
  synthetixV2Rules as VenueRules,
  mux3Rules as VenueRules,
  synthetixBfpRules as VenueRules,
  avantisRules as VenueRules,
  ostiumRules as VenueRules,
];

const BY_VENUE: ReadonlyMap<string, VenueRules> = new Map(
  RULES.map((rules) => [rules.venue, rules]),
);

/** @throws UsageError for a venue without margin rules. */
export function rulesFor(venue: string): VenueRules {
  const rules = BY_VENUE.get(venue);
  if (!rules) {
    throw new UsageError('There are no margin rules for that venue.', {
      facts: { venue, known: [...BY_VENUE.keys()].join(', ') },
      remedy: 'Ask for one of the known venues.',
    });
  }
  return rules;
}
