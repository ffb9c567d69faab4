/** Codes by HTTP status, as in ClickHouse's exceptionCodeToHTTPStatus; every other one is 500. */
const STATUS_BY_CODE = new Map<number, number>(
  Object.entries({
    400: [
      6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427,
      441, 675, 676,
    ],
    401: [194],
    403: [192, 193, 497, 512, 516],
    404: [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511],
    408: [159],
    413: [229],
    501: [48],
    503: [76, 209, 439],
  }).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
);

export interface ExceptionAnswer {
  readonly code: number;
  readonly status: number;
  /** As a server words it, version included. */
  readonly text: string;
}

/** The answer for an error of the engine, from its text. */
export function exceptionAnswer(error: unknown, version: string): ExceptionAnswer {
  const message = error instanceof Error ? error.message : String(error);
  const code = Number(/Code: (\d+)\./.exec(message)?.[1] ?? 1001);
  const worded = /DB::Exception/.test(message)
    ? message.trim()
    : `Code: ${code}. DB::Exception: ${message}. (STD_EXCEPTION)`;
  return {
    code,
    status: STATUS_BY_CODE.get(code) ?? 500,
    text: `${worded} (version ${version} (official build))\n`,
  };
}

/** An exception by code and name, worded as the engine does. */
export function namedException(code: number, name: string, text: string): Error {
  return new Error(`Code: ${code}. DB::Exception: ${text}. (${name})`);
}
