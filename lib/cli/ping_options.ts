/**
 * What the flags of `ping` mean.
 *
 * @module
 */

import { SocketPermissionError } from "../socket/errors.ts";
import { notPermitted, usageError } from "./exit.ts";
import { isAddress } from "./options.ts";

/** What the command line says. */
export interface PingFlags {
  readonly count?: number;
  readonly interval: number;
  readonly timeout: number;
  readonly size: number;
  readonly ttl: number;
  readonly tos: number;
  readonly interface?: string;
  readonly ipv4?: true;
  readonly ipv6?: true;
  readonly broadcast?: true;
  readonly pattern?: Uint8Array;
  readonly unprivileged?: true;
  readonly allowPublic?: true;
}

/**
 * The flags as the tool takes them.
 *
 * @throws {ScriptError} if the pattern is empty
 */
export function pingOptions(flags: PingFlags) {
  const { interface: from, pattern, size } = flags;
  return {
    count: flags.count ?? Infinity,
    intervalMs: flags.interval * 1000,
    timeoutMs: flags.timeout * 1000,
    payload: pattern && filled(pattern, size),
    payloadSize: size,
    ttl: flags.ttl,
    trafficClass: flags.tos,
    ...(from && isAddress(from)
      ? { source: from, device: undefined }
      : { source: undefined, device: from }),
    family: flags.ipv4 ? 4 as const : flags.ipv6 ? 6 as const : undefined,
    broadcast: flags.broadcast,
    privileged: !flags.unprivileged,
    allowPublic: flags.allowPublic,
  };
}

function filled(pattern: Uint8Array, size: number): Uint8Array {
  if (pattern.length === 0) {
    throw usageError("--pattern has no digits");
  }
  return Uint8Array.from(
    { length: size },
    (_, i) => pattern[i % pattern.length],
  );
}

/**
 * Has what is said where raw sockets are not permitted name ping sockets, too.
 *
 * @param start what the script does
 */
export function namingPingSockets(
  start: (signal: AbortSignal) => Promise<number>,
): (signal: AbortSignal) => Promise<number> {
  return async (signal) => {
    try {
      return await start(signal);
    } catch (error) {
      const isRaw = error instanceof SocketPermissionError &&
        error.message.startsWith("cannot open a raw socket");
      if (!isRaw) throw error;
      throw notPermitted(
        error.message,
        `${error.remedy}\nOr add --unprivileged: a ping socket needs neither, ` +
          "where the system lets you have one.",
      );
    }
  };
}
