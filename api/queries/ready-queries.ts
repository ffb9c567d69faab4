/** A query that a newcomer can run as it is. */
export interface ReadyQuery {
  readonly name: string;
  readonly title: string;
  readonly query: string;
}

const STATUS = `# What is in the store, and can it be trusted? The residual must be 0.
query Status {
  status {
    sources {
      chain
      isSynthetic
      firstBlock
      headBlock
      headTime
      counts { blocks rawLogs positions openPositions accounts liquidations oracleUpdates deadLetters }
      indexer { state fault failingSince isStale }
      lag { blocks seconds }
      provenance { note finality coverage { positions notionalUsd protocolOpenInterestUsd residualUsd } }
    }
  }
  markets { id symbol openInterest { side protocolUsd positionsUsd residualUsd openPositions } }
}
`;

const LARGEST_LIQUIDATIONS = `# The largest liquidations: who, at what price, with what penalty and bad debt.
query LargestLiquidations {
  liquidations(first: 10, orderBy: SIZE_USD, direction: DESC, where: { cause: LIQUIDATION }) {
    totalCount
    totals { closedSizeUsd penaltyUsd badDebtUsd insolventCount }
    nodes {
      id
      positionId
      account
      liquidator
      marketSymbol
      side
      timestamp
      sizeUsd
      indexPrice { minPriceUsd maxPriceUsd }
      penaltyUsd
      isInsolvent
      badDebtUsd
      priceObservationLagSeconds
    }
    provenance { asOfBlock basis digest }
  }
}
`;

const MARGIN_PATH = `# How a liquidated position got there: margin at every event and oracle update of its life, and why it changed.
query MarginPath {
  positions(first: 1, where: { status: LIQUIDATED }, orderBy: UPDATED_AT) {
    nodes {
      id
      account
      marketSymbol
      side
      marginHistory(sampling: ORACLE_UPDATES, maxPoints: 200) {
        totalPoints
        isDownsampled
        points {
          timestamp
          cause
          equityUsd
          maintenanceMarginUsd
          marginRatio
          healthFactor
          liquidationPrice
          isLiquidatable
          change { totalUsd priceUsd fundingUsd borrowingUsd feeUsd ownerUsd parameterUsd }
          closing { feeUsd ownerUsd }
        }
        marks { timestamp cause }
        provenance { method version basis digest }
      }
    }
  }
}
`;

const LARGEST_POSITIONS = `# The largest open positions, judged now by the venue's own rules.
query LargestOpenPositions {
  positions(first: 10, where: { status: OPEN }, orderBy: SIZE_USD, direction: DESC) {
    totalCount
    nodes {
      id
      marketSymbol
      side
      sizeUsd
      marginAt {
        equityUsd
        marginRatio
        healthFactor
        liquidationPrice
        distance
        indexPrice { minPriceUsd maxPriceUsd }
      }
    }
  }
}
`;

const ORACLE_LATENCY = `# How late oracle prices came, one value a price-posting transaction.
query OracleLatency {
  oracleLatency(sample: TRANSACTION, metrics: [DELIVERY_DELAY, UPDATE_INTERVAL]) {
    groups {
      label
      stats { metric unit label n negativeCount p50 p90 p95 p99 max caveats }
      histogram { lower upper count }
    }
    provenance { asOfBlock basis note digest }
  }
  oracleFeeds { feeds { token { symbol } updates lastUpdateAt lastPrice { minPriceUsd maxPriceUsd } } }
}
`;

/** On a store that holds one chain. */
export const READY_QUERIES: readonly ReadyQuery[] = [
  { name: 'status', title: 'What is in the store', query: STATUS },
  { name: 'largest-liquidations', title: 'The largest liquidations', query: LARGEST_LIQUIDATIONS },
  { name: 'margin-path', title: 'How a position got liquidated', query: MARGIN_PATH },
  { name: 'largest-positions', title: 'Open positions and their margin', query: LARGEST_POSITIONS },
  { name: 'oracle-latency', title: 'How late oracle prices came', query: ORACLE_LATENCY },
];

/** The same about one chain of several. */
export function readyQueriesOf(chainId: number): readonly ReadyQuery[] {
  return READY_QUERIES.map((ready) => ({
    ...ready,
    query: ready.query.replace(
      /^ {2}(markets|liquidations|positions|oracleLatency|oracleFeeds)\b(\()?/gm,
      (_field, name: string, bracket?: string) =>
        bracket === undefined
          ? `  ${name}(chainId: ${chainId})`
          : `  ${name}(chainId: ${chainId}, `,
    ),
  }));
}
