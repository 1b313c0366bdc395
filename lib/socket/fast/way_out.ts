/**
 * The device that leads to an address, and whom its frames go to: what the
 * kernel finds out for each packet, and who sends frames has to know.
 *
 * @module
 */

import { EHOSTUNREACH } from "../../ffi/errno.ts";
import { ARPHRD_ETHER } from "../../ffi/linux/numbers.ts";
import { formatMAC } from "../../wire/link/mac.ts";
import { socketError } from "../errors.ts";
import { UnsupportedError } from "../system/support.ts";
import { delay } from "../time.ts";
import {
  hardwareType,
  interfaceIndex,
  linkAddressOf,
} from "../kernel/interface.ts";
import { inquire } from "../kernel/inquiry.ts";
import { neighbourAt, nextHopTo } from "../kernel/rtnetlink.ts";

/** The way of frames to an address, as far as it is this host's. */
export interface WayOut {
  readonly device: string;
  readonly index: number;
  /** The device's own address on its link. */
  readonly linkAddress: string;
  /** The router that they go to, or the address itself. */
  readonly nextHop: string;
}

/** Whom it concerns: the namespace, and the address that is sent from. */
interface WayOptions {
  readonly namespace?: string;
  readonly source?: string;
}

/** The kernel asks for a neighbour three times, a second apart. */
const PATIENCE_MS = 5000;
const RETRY_MS = 10;

/**
 * The device that leads to an address.
 *
 * @throws {UnsupportedError} if it is not one of Ethernet, or leads to no other
 * host, or to many
 */
export function wayOut(destination: string, options: WayOptions): WayOut {
  const { type, device, gateway } = nextHopTo(destination, options);
  const unfit = (why: string) =>
    new UnsupportedError(
      `there is no fast way to ${destination}: ${why}`,
      "Send the ordinary way, without --fast.",
    );
  if (type !== "unicast" || device === undefined) {
    throw unfit(`it is not one other host; the route is ${type}`);
  }
  const action = `look at ${device}`;
  return inquire(4, options.namespace, action, (fd) => {
    const address = linkAddressOf(device, fd);
    if (hardwareType(device, fd) !== ARPHRD_ETHER || address === undefined) {
      throw unfit(`it is by ${device}, which is not Ethernet`);
    }
    return {
      device,
      index: interfaceIndex(device, fd),
      linkAddress: formatMAC(address),
      nextHop: gateway ?? destination,
    };
  });
}

/**
 * The next hop's address on the link, when the kernel has found it out: for
 * which it must have been given a packet for it.
 *
 * @throws {SocketError} EHOSTUNREACH, if nobody tells it
 */
export async function nextLinkAddress(
  { nextHop, device, index }: WayOut,
  { namespace }: WayOptions,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const end = performance.now() + PATIENCE_MS;
  while (!signal?.aborted) {
    const entry = neighbourAt(nextHop, { namespace, interfaceIndex: index });
    const { state, linkAddress } = entry ?? {};
    const isKnown = state !== "failed" && state !== "incomplete";
    if (isKnown && linkAddress !== undefined) return linkAddress;
    if (state === "failed" || performance.now() > end) {
      throw socketError({
        syscall: "netlink",
        errno: EHOSTUNREACH,
        action: `find out the link address of ${nextHop} on ${device}`,
        remedy: "Nobody answers ARP for it there: is it up, and on that cable?",
      });
    }
    await delay(RETRY_MS, signal);
  }
}
