/**
 * How a host is set up to treat IPv4 packets: its reverse path filter (RFC
 * 3704), and switches.
 *
 * @module
 */

import { readKernelFile } from "./kernel_file.ts";

/**
 * 0 none, 1 strict, 2 loose, as `net.ipv4.conf.*.rp_filter` has it.
 *
 * @category Names and routes
 */
export type ReversePathFilter = 0 | 1 | 2;

const CONFIGURATION = "/proc/sys/net/ipv4/conf";
const COUNTERS = "/proc/thread-self/net/netstat";

/**
 * What an interface does with packets whose sources are not where they come
 * from: the larger number of what is set for it and for all.
 */
export function reversePathFilter(
  device: string,
  { namespace }: { namespace?: string } = {},
): ReversePathFilter {
  const [all, own] = ["all", device].map((name) =>
    Number(readKernelFile(`${CONFIGURATION}/${name}/rp_filter`, { namespace }))
  );
  const mode = Math.max(all, own);
  return mode === 1 || mode === 2 ? mode : 0;
}

/** Packets that a host has dropped by that filter it came up. */
export function reversePathDrops(
  { namespace }: { namespace?: string } = {},
): number {
  const text = readKernelFile(COUNTERS, { namespace }) ?? "";
  const [names, values] = text.split("\n")
    .filter((line) => line.startsWith("TcpExt:"))
    .map((line) => line.split(" "));
  return Number(values?.[names.indexOf("IPReversePathFilter")] ?? 0);
}

/** Whether a switch of `/proc/sys/net/ipv4`, such as `ip_forward`, is on. */
export function isSwitchedOn(
  name: string,
  { namespace }: { namespace?: string } = {},
): boolean {
  const text = readKernelFile(`/proc/sys/net/ipv4/${name}`, { namespace });
  return Number(text ?? 0) !== 0;
}
