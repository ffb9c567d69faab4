import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault-queue.ts';

/** Acts out what a fault does before any answer is made; false when there is still one to make. */
export async function strike(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (fault.delayMs) await sleep(fault.delayMs);
  if (fault.kind === 'hang') return true;
  if (fault.kind === 'reset') request.socket.destroy();
  else if (fault.kind === 'raw') response.writeHead(200).end(fault.body);
  else if (fault.status) {
    response.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? '');
  } else return false;
  return true;
}

/** Sends a good answer, or what a fault leaves of it. */
export async function sendAnswer(
  response: ServerResponse,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  fault: Fault | null,
): Promise<void> {
  if (fault?.lateMs) await sleep(fault.lateMs);
  if (response.destroyed) return;
  const sent = body.subarray(0, fault?.afterBytes ?? body.length);
  const length = fault?.kind === 'shorten' ? sent.length : body.length;
  response.writeHead(200, { ...headers, ...fault?.headers, 'content-length': length });
  if (fault?.kind !== 'cut') {
    response.end(fault?.kind === 'shorten' ? sent : body);
    return;
  }
  response.flushHeaders();
  response.write(sent, () => response.destroy());
}
