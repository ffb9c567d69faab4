import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

interface WriterIdentity {
  /** host:pid, for a person. */
  readonly holder: string;
  /** Within it process ids can be compared: host, its boot, and the container's process numbers. */
  readonly machine: string;
  readonly pid: number;
}

export function thisWriter(): WriterIdentity {
  const host = hostname();
  const boot = orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const numbers = orNothing(() => readlinkSync('/proc/self/ns/pid'));
  return {
    holder: `${host}:${process.pid}`,
    machine: `${host} ${boot} ${numbers}`,
    pid: process.pid,
  };
}

/** Whether a writer was a process of this machine that no longer runs; false when nobody can tell. */
export function isGone(writer: { readonly machine: string; readonly pid: number }): boolean {
  if (writer.machine !== thisWriter().machine) return false;
  try {
    process.kill(writer.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Systems without /proc: the host's name has to do. */
function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
