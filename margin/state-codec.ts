/** Fold states are plain objects of strings, numbers, booleans, nested objects and bigints. */

const BIGINT_TAG = /^-?\d+n$/;

/** Canonical text: keys sorted, bigints as '123n'. Equal states give equal text. */
export function encodeState(state: unknown): string {
  return JSON.stringify(state, (_key, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return value;
  });
}

/** Inverse of `encodeState`. @throws SyntaxError on text that is not JSON. */
export function decodeState<State>(text: string): State {
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' && BIGINT_TAG.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as State;
}
