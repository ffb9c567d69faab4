import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../schema/errors.ts';
import { readCapnpRequest } from './capnp-request.ts';
import { type QueryBody, queryBodySchema } from './query-body.ts';

/** Largest request body: the client's own are a few kB. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** A request that the server refuses: HTTP status and a text for whoever sent it. */
export class RefusedRequest extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Reads at most MAX_BODY_BYTES; the rest of a longer body is drained unread. Throws RefusedRequest. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else {
        chunks.length = 0;
        // Not 413: to the client that says "the answer is too large" and makes it halve the range.
        reject(new RefusedRequest(400, `request body is larger than ${MAX_BODY_BYTES} bytes`));
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** Body of POST /query/arrow-ipc. Throws RefusedRequest(400) with every problem found. */
export function parseJsonQuery(body: Buffer): QueryBody {
  return checkQuery(parseJson(body));
}

export type ParsedCapnpRequest =
  | { readonly kind: 'queryId'; readonly queryId: string }
  | { readonly kind: 'query'; readonly query: QueryBody };

/** Body of POST /query/arrow-ipc/capnp. Throws RefusedRequest(400). */
export function parseCapnpQuery(body: Buffer): ParsedCapnpRequest {
  const request = readOrRefuse(body);
  return request.kind === 'queryId' ? request : { kind: 'query', query: checkQuery(request.body) };
}

/** Throws RefusedRequest(400). */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new RefusedRequest(400, `request body is not JSON: ${messageOf(error)}`);
  }
}

function checkQuery(value: unknown): QueryBody {
  const parsed = queryBodySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RefusedRequest(400, `request body is not a query:\n${z.prettifyError(parsed.error)}`);
}

function readOrRefuse(body: Buffer) {
  try {
    return readCapnpRequest(body, MAX_BODY_BYTES);
  } catch (error) {
    if (error instanceof AppError || error instanceof RangeError) {
      throw new RefusedRequest(400, `request body is not a packed request: ${error.message}`);
    }
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
