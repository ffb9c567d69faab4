import { type LogHandler, on } from '../abi/contract-logs.ts';
import * as events from './market-events.ts';
import { factSet, parametersSet, scoped } from './markets.ts';

/**
 * Parameters and the open interest that the fee formulas read. Names: `<name>.<collateralIndex>` of a
 * pair, and for the whole venue `borrowingGroup.<collateralIndex>.<group>.<name>`, `feeGroup.<i>.<name>`,
 * `liquidationGroup.<i>.<name>`. Raw integers of the contract: percentages 1e10 (caps and fixedSpreadP
 * 1e3), leverage 1e3, open interest before v10 1e10 collateral tokens, of v10 1e18 index units.
 */
export function parameterHandlers(): readonly LogHandler[] {
  return [...borrowingHandlers(), ...fundingHandlers(), ...globalHandlers()];
}

function borrowingHandlers(): readonly LogHandler[] {
  return [
    on(events.borrowingPairParamsUpdated, (log) => {
      const { collateralIndex: c, pairIndex, feePerBlock, feeExponent, maxOi } = log.args;
      return parametersSet(log, String(pairIndex), {
        [`borrowingFeePerBlock.${c}`]: feePerBlock,
        [`borrowingFeeExponent.${c}`]: feeExponent,
        [`borrowingMaxOi.${c}`]: maxOi,
      });
    }),
    on(events.borrowingPairOiUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`borrowingOiLong.${log.args.collateralIndex}`]: log.args.newOiLong,
        [`borrowingOiShort.${log.args.collateralIndex}`]: log.args.newOiShort,
      }),
    ),
    on(events.borrowingPairOiBeforeV10Updated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`borrowingOiLong.${log.args.collateralIndex}`]: log.args.newOiLong,
        [`borrowingOiShort.${log.args.collateralIndex}`]: log.args.newOiShort,
      }),
    ),
    on(events.pairOiAfterV10Updated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`oiLongToken.${log.args.collateralIndex}`]: log.args.newOiToken.oiLongToken,
        [`oiShortToken.${log.args.collateralIndex}`]: log.args.newOiToken.oiShortToken,
        [`oiLongCollateral.${log.args.collateralIndex}`]: log.args.newOiCollateral.oiLongCollateral,
        [`oiShortCollateral.${log.args.collateralIndex}`]:
          log.args.newOiCollateral.oiShortCollateral,
      }),
    ),
    on(events.borrowingGroupAccFeesUpdated, (log) => {
      const { collateralIndex, groupIndex, currentBlock, accFeeLong, accFeeShort } = log.args;
      const values = { accFeeLong, accFeeShort, accLastUpdatedBlock: currentBlock };
      const scope = `borrowingGroup.${collateralIndex}.${groupIndex}`;
      return parametersSet(log, '', scoped(scope, values));
    }),
    on(events.borrowingGroupOiUpdated, (log) => {
      const { collateralIndex, groupIndex, newOiLong: oiLong, newOiShort: oiShort } = log.args;
      const scope = `borrowingGroup.${collateralIndex}.${groupIndex}`;
      return parametersSet(log, '', scoped(scope, { oiLong, oiShort }));
    }),
    on(events.borrowingGroupUpdated, (log) => {
      const { collateralIndex, groupIndex, feePerBlock, maxOi, feeExponent } = log.args;
      const scope = `borrowingGroup.${collateralIndex}.${groupIndex}`;
      return parametersSet(
        log,
        '',
        scoped<bigint | number>(scope, { feePerBlock, maxOi, feeExponent }),
      );
    }),
    on(events.borrowingFeePerBlockCapUpdated, (log) =>
      parametersSet(log, '', {
        borrowingCapMinP: log.args.minP,
        borrowingCapMaxP: log.args.maxP,
      }),
    ),
    on(events.borrowingPairFeePerBlockCapUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`borrowingCapMinP.${log.args.collateralIndex}`]: log.args.minP,
        [`borrowingCapMaxP.${log.args.collateralIndex}`]: log.args.maxP,
      }),
    ),
  ];
}

function fundingHandlers(): readonly LogHandler[] {
  return [
    on(events.borrowingRatePerSecondPUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`borrowingRatePerSecondP.${log.args.collateralIndex}`]: log.args.borrowingRatePerSecondP,
      }),
    ),
    on(events.skewCoefficientPerYearUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`skewCoefficientPerYear.${log.args.collateralIndex}`]: log.args.skewCoefficientPerYear,
      }),
    ),
    on(events.absoluteVelocityPerYearCapUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`absoluteVelocityPerYearCap.${log.args.collateralIndex}`]:
          log.args.absoluteVelocityPerYearCap,
      }),
    ),
    on(events.absoluteRatePerSecondCapUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`absoluteRatePerSecondCap.${log.args.collateralIndex}`]: log.args.absoluteRatePerSecondCap,
      }),
    ),
    on(events.thetaThresholdUsdUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`thetaThresholdUsd.${log.args.collateralIndex}`]: log.args.thetaThresholdUsd,
      }),
    ),
    on(events.fundingFeesEnabledUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`fundingFeesEnabled.${log.args.collateralIndex}`]: log.args.fundingFeesEnabled,
      }),
    ),
    on(events.aprMultiplierEnabledUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`aprMultiplierEnabled.${log.args.collateralIndex}`]: log.args.aprMultiplierEnabled,
      }),
    ),
  ];
}

function globalHandlers(): readonly LogHandler[] {
  return [
    on(events.groupLiquidationParamsUpdated, (log) =>
      parametersSet(log, '', scoped(`liquidationGroup.${log.args.index}`, log.args.params)),
    ),
    on(events.feeAddedV92, (log) =>
      parametersSet(
        log,
        '',
        scoped<bigint | number>(`feeGroup.${log.args.index}`, log.args.feeGroup),
      ),
    ),
    on(events.feeUpdatedV92, (log) =>
      parametersSet(
        log,
        '',
        scoped<bigint | number>(`feeGroup.${log.args.index}`, log.args.feeGroup),
      ),
    ),
    on(events.counterTradeFeeRateMultiplierUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        counterTradeFeeRateMultiplier: log.args.newValue,
      }),
    ),
    on(events.userPriceImpactUpdated, (log) =>
      parametersSet(log, String(log.args.pairIndex), {
        [`fixedSpreadP.${log.args.trader}`]: log.args.fixedSpreadP,
        [`cumulVolPriceImpactMultiplier.${log.args.trader}`]:
          log.args.cumulVolPriceImpactMultiplier,
      }),
    ),
    on(events.collateralAdded, (log) =>
      factSet(log, '', `collateral.${log.args.index}`, log.args.collateral),
    ),
    // The new spread, group and fee group are in no log: what a manifest said of them may have ended.
    on(events.pairUpdated, (log) => factSet(log, String(log.args.index), 'pairUpdated', '')),
  ];
}
