import { avantis } from './avantis/index.ts';
import { chainlink } from './chainlink/index.ts';
import { chronicle } from './chronicle/index.ts';
import { gmxV1 } from './gmx-v1/index.ts';
import { gmxV2 } from './gmx-v2/index.ts';
import { gtrade } from './gtrade/index.ts';
import { level } from './level/index.ts';
import { mux3 } from './mux3/index.ts';
import { ostium } from './ostium/index.ts';
import type { ProtocolAdapter } from './protocol-adapter.ts';
import { pyth } from './pyth/index.ts';
import { redstone } from './redstone/index.ts';
import { synthetixBfp } from './synthetix-bfp/index.ts';
import { synthetixV2 } from './synthetix-v2/index.ts';

/** Every venue and oracle Bulkhead reads. A new one is a folder here and a line below. */
export const adapters: readonly ProtocolAdapter[] = [
  gmxV2,
  gmxV1,
  gtrade,
  synthetixV2,
  level,
  avantis,
  ostium,
  chainlink,
  pyth,
  redstone,
  chronicle,
  mux3,
  synthetixBfp,
];
