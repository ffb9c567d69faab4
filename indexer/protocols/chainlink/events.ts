import { parseAbiItem } from 'viem/utils';

/*
 * Events of Chainlink's aggregators: smartcontractkit/libocr 0a5e2f907ddaf3c5cd787dc93d95683cde628bdd,
 * contract/OffchainAggregator.sol (OCR1) and contract2/OCR2Aggregator.sol (OCR2). Both generations
 * emit, for each round in one transaction, NewTransmission, NewRound and AnswerUpdated in that order;
 * before them (FluxAggregator) there was no NewTransmission. Neither form has ever changed.
 */

/** OCR1: no time at all. */
export const newTransmissionOcr1 = parseAbiItem(
  'event NewTransmission(uint32 indexed aggregatorRoundId, int192 answer, address transmitter, int192[] observations, bytes observers, bytes32 rawReportContext)',
);

/** OCR2: `observationsTimestamp` is the time the nodes observed at, unix seconds. */
export const newTransmissionOcr2 = parseAbiItem(
  'event NewTransmission(uint32 indexed aggregatorRoundId, int192 answer, address transmitter, uint32 observationsTimestamp, int192[] observations, bytes observers, int192 juelsPerFeeCoin, bytes32 configDigest, uint40 epochAndRound)',
);

/**
 * Every generation, and contracts of others with the same interface (RedStone's merged price feeds
 * are read here, as contracts that nobody lists). `updatedAt` is the block's time in all of
 * Chainlink's.
 */
export const answerUpdated = parseAbiItem(
  'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
);

/** `startedAt` is the block's time (OCR1) or NewTransmission's observationsTimestamp (OCR2). */
export const newRound = parseAbiItem(
  'event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt)',
);
