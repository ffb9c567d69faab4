import { encodeAbiParameters } from 'viem/utils';
import type { ParameterChange } from '../../../schema/events/parameter.ts';
import type { EventPlace } from '../../../schema/events/place.ts';
import { type EventFields, MAX_INT256 } from './event-fields.ts';
import { baseKeyOf, parameterName } from './parameters.ts';

/** Configuration events: contracts/config/Config.sol, ConfigUtils.sol. */

type ParameterValue = bigint | boolean | string;

/** A number beyond Int256 (2^256-1 as "no limit") has no `value`, only its exact `valueText`. */
function asNumber(value: ParameterValue): bigint | null {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' && value <= MAX_INT256 ? value : null;
}

export function parameterChange(
  place: EventPlace,
  baseKey: string,
  keyData: string,
  value: ParameterValue,
): ParameterChange {
  const number = asNumber(value);
  return {
    ...place,
    kind: 'parameter',
    type: 'ParameterChanged',
    ...parameterName(baseKey, keyData),
    value: number,
    valueText: typeof value === 'boolean' ? String(number) : String(value),
    baseKey,
    keyData,
    source: 'EVENT',
  };
}

/** SetUint, SetInt, SetBool, SetAddress, SetBytes32: `value` lies in the group of its type. */
export function setParameter(
  group: 'uint' | 'int' | 'bool' | 'address' | 'bytes32',
  fields: EventFields,
  place: EventPlace,
): ParameterChange {
  const baseKey = fields.bytes32('baseKey');
  // read past the range check of fields: a limit of 2^256-1 is a legitimate value here
  const value = fields.event[group].get('value') ?? fields[group]('value');
  return parameterChange(place, baseKey, fields.bytes('data'), value);
}

const PROVIDER_KEY = baseKeyOf('ORACLE_PROVIDER_FOR_TOKEN');
const MIN_IMPACT_POOL_KEY = baseKeyOf('MIN_POSITION_IMPACT_POOL_AMOUNT');
const DISTRIBUTION_RATE_KEY = baseKeyOf('POSITION_IMPACT_POOL_DISTRIBUTION_RATE');

function encodeAddresses(...addresses: readonly string[]): string {
  return encodeAbiParameters(
    addresses.map(() => ({ type: 'address' })),
    addresses,
  );
}

/** The value is the provider's address. Forms before multi-oracle name no oracle: key by token only. */
export function oracleProviderSet(fields: EventFields, place: EventPlace): ParameterChange {
  const oracle = fields.optionalAddress('oracle');
  const token = fields.address('token');
  const keyData = oracle === null ? encodeAddresses(token) : encodeAddresses(oracle, token);
  return parameterChange(place, PROVIDER_KEY, keyData, fields.address('provider'));
}

/** One log sets two parameters, without a SetUint of its own. */
export function impactPoolDistributionSet(
  fields: EventFields,
  place: EventPlace,
): readonly ParameterChange[] {
  const keyData = encodeAddresses(fields.address('market'));
  const minimum = fields.uint('minPositionImpactPoolAmount');
  const rate = fields.uint('positionImpactPoolDistributionRate');
  return [
    parameterChange(place, MIN_IMPACT_POOL_KEY, keyData, minimum),
    parameterChange({ ...place, subIndex: 1 }, DISTRIBUTION_RATE_KEY, keyData, rate),
  ];
}
