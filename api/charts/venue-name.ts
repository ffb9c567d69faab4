const VENUES: Readonly<Record<string, string>> = {
  'gmx-v2': 'GMX V2',
  'gmx-v1': 'GMX V1',
  'synthetix-v2': 'Synthetix Perps V2',
  gtrade: 'gTrade',
  avantis: 'Avantis',
  ostium: 'Ostium',
  level: 'Level',
  mux3: 'MUX3',
  'synthetix-bfp': 'Synthetix V3 BFP',
  chainlink: 'Chainlink',
  pyth: 'Pyth',
  redstone: 'RedStone',
  chronicle: 'Chronicle',
};

/** A venue, or the venue of a position or market id, as people write it. @example 'GMX V2' */
export function venueName(idOrVenue: string): string {
  const venue = idOrVenue.split(':')[1] ?? idOrVenue;
  return VENUES[venue] ?? venue;
}

/** @example shortHex('0xf482414115f59b8f') // '0xf482…9b8f' */
export function shortHex(hex: string): string {
  return hex.length > 14 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex;
}
