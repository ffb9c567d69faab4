import './types/scalars.ts';
import './types/status.ts';
import './types/market.ts';
import './types/position.ts';
import './types/liquidation.ts';
import './types/liquidation-latency.ts';
import './types/liquidators.ts';
import './types/open-breaches.ts';
import './types/account.ts';
import './types/liquidation-map.ts';
import './types/liquidation-map-score.ts';
import './types/liquidation-risk.ts';
import './types/market-bands.ts';
import './types/oracle.ts';
import './types/oracle-pairs.ts';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';

/** The whole API: every type module registered, built once. */
export const schema: GraphQLSchema = builder.toSchema();
