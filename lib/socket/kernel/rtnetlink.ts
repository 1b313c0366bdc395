/**
 * What the kernel knows of the way to an IPv4 address: its route, and the
 * neighbour that stands first on it.
 *
 * @module
 */

import { EACCES, EHOSTUNREACH, EINVAL, ENETUNREACH } from "../../ffi/errno.ts";
import {
  AF_INET,
  NDA_DST,
  NDA_LLADDR,
  NDMSG,
  NLM_F_DUMP,
  RTA_DST,
  RTA_GATEWAY,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_SRC,
  RTM_GETNEIGH,
  RTM_GETROUTE,
  RTMSG,
} from "../../ffi/linux/numbers.ts";
import { formatIPv4, parseIPv4 } from "../../wire/address.ts";
import { formatMAC } from "../../wire/link/mac.ts";
import { get32, put32 } from "../../wire/octets.ts";
import { socketError } from "../errors.ts";
import { inquire } from "./inquiry.ts";
import { interfaceMTU, interfaceName } from "./interface.ts";
import { askNetlink } from "./netlink.ts";

/**
 * What a route does with a packet.
 *
 * @category Names and routes
 */
export type RouteType =
  /** Sends it on, to a gateway or a neighbour. */
  | "unicast"
  /** Hands it to this host itself. */
  | "local"
  /** Sends it to everybody on a network. */
  | "broadcast"
  /** Sends it to a group. */
  | "multicast"
  /** Drops it in silence. */
  | "blackhole"
  /** Refuses it: host unreachable. */
  | "unreachable"
  /** Refuses it: administratively prohibited. */
  | "prohibit"
  /** There is no route. */
  | "none";

/**
 * The first step on the way to an address.
 *
 * @category Names and routes
 */
export interface NextHop {
  /** What the route does. */
  readonly type: RouteType;
  /** The interface that packets leave by. */
  readonly device?: string;
  /** The router that they go to; absent where the address is on the link. */
  readonly gateway?: string;
  /** The address that the kernel would send from. */
  readonly source?: string;
  /** Octets of the longest packet that the interface takes. */
  readonly mtu?: number;
}

/**
 * What the kernel knows of a neighbour (RFC 4861 §7.3.2, as for ARP).
 *
 * @category Names and routes
 */
export interface Neighbour {
  /** Whether it is there: `failed` and `incomplete` say that nobody answered. */
  readonly state: NeighbourState;
  /** Its link-layer address, once it is known. */
  readonly linkAddress?: string;
}

/**
 * The state of an entry of the neighbour table, as `ip neighbour` names it.
 *
 * @category Names and routes
 */
export type NeighbourState =
  | "incomplete"
  | "reachable"
  | "stale"
  | "delay"
  | "probe"
  | "failed"
  | "noarp"
  | "permanent"
  | "none";

/** By `rtm_type` of linux/rtnetlink.h. */
const ROUTE_TYPES: Readonly<Record<number, RouteType>> = {
  1: "unicast",
  2: "local",
  3: "broadcast",
  5: "multicast",
};

/** How the kernel answers where the route is one that refuses. */
const REFUSALS: Readonly<Record<number, RouteType>> = {
  [EINVAL]: "blackhole",
  [EHOSTUNREACH]: "unreachable",
  [EACCES]: "prohibit",
  [ENETUNREACH]: "none",
};

/** By `ndm_state` of linux/neighbour.h. */
const NEIGHBOUR_STATES: Readonly<Record<number, NeighbourState>> = {
  0x01: "incomplete",
  0x02: "reachable",
  0x04: "stale",
  0x08: "delay",
  0x10: "probe",
  0x20: "failed",
  0x40: "noarp",
  0x80: "permanent",
};

/**
 * The kernel's decision on packets to an address, as `ip route get` shows it.
 * Sends nothing, and needs no privilege.
 *
 * @category Names and routes
 * @param options `namespace`: ask inside this network namespace; `source`: the
 * way of what is sent from this address of this host
 * @throws {RangeError} if `destination` is no IPv4 address
 * @throws {SocketError} if the kernel cannot be asked
 *
 * @example
 * ```ts
 * import { nextHopTo } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { type, device } = nextHopTo("127.0.0.1");
 * assertEquals([type, device], ["local", "lo"]);
 * ```
 */
export function nextHopTo(
  destination: string,
  { namespace, source }: { namespace?: string; source?: string } = {},
): NextHop {
  const fixed = new Uint8Array(RTMSG.SIZE);
  fixed[RTMSG.FAMILY] = AF_INET;
  fixed[RTMSG.DST_LEN] = 32;
  const attributes: [number, Uint8Array][] = [[RTA_DST, octetsOf(destination)]];
  if (source !== undefined) {
    fixed[RTMSG.SRC_LEN] = 32;
    attributes.push([RTA_SRC, octetsOf(source)]);
  }
  const action = `find a route to ${destination}`;
  const request = { type: RTM_GETROUTE, fixed, attributes };
  const answer = askNetlink(request, namespace, action);
  if (typeof answer === "number") {
    const type = REFUSALS[answer];
    if (type !== undefined) return { type };
    throw socketError({ syscall: "netlink", errno: answer, action });
  }
  const [route] = answer;
  const address = (type: number) => {
    const octets = route.attributes.get(type);
    return octets === undefined ? undefined : addressIn(octets);
  };
  const index = route.attributes.get(RTA_OIF);
  return {
    type: ROUTE_TYPES[route.fixed.getUint8(RTMSG.TYPE)] ?? "none",
    gateway: address(RTA_GATEWAY),
    source: address(RTA_PREFSRC),
    ...(index === undefined ? {} : interfaceOf(index, namespace)),
  };
}

/**
 * What the kernel knows of the neighbour with an address, if it has asked for
 * it.
 *
 * @category Names and routes
 * @param options `namespace`: look inside this network namespace;
 * `interfaceIndex`: on this interface, default any
 * @throws {RangeError} if `address` is no IPv4 address
 * @throws {SocketError} if the kernel cannot be asked
 *
 * @example
 * ```ts
 * import { neighbourAt } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * // Nobody asks for itself.
 * assertEquals(neighbourAt("127.0.0.77"), undefined);
 * ```
 */
export function neighbourAt(
  address: string,
  { namespace, interfaceIndex }: {
    namespace?: string;
    interfaceIndex?: number;
  } = {},
): Neighbour | undefined {
  const wanted = parseIPv4(address);
  const fixed = new Uint8Array(NDMSG.SIZE);
  fixed[NDMSG.FAMILY] = AF_INET;
  const action = "read the neighbour table";
  const request = { type: RTM_GETNEIGH, flags: NLM_F_DUMP, fixed };
  const answers = askNetlink(request, namespace, action);
  if (typeof answers === "number") {
    throw socketError({ syscall: "netlink", errno: answers, action });
  }
  for (const { fixed, attributes } of answers) {
    const octets = attributes.get(NDA_DST);
    if (octets?.length !== 4) continue;
    if (get32(octets, 0) !== wanted) continue;
    const index = fixed.getInt32(NDMSG.IFINDEX, true);
    if (interfaceIndex !== undefined && index !== interfaceIndex) continue;
    const state = NEIGHBOUR_STATES[fixed.getUint16(NDMSG.STATE, true)];
    const link = attributes.get(NDA_LLADDR);
    // What loopback has is an entry, too, but of nobody. A device without ARP has
    // the addresses that the kernel gives to all of its neighbours.
    const isNobody = state === "noarp" && !link?.some((octet) => octet !== 0);
    if (state === undefined || isNobody) continue;
    return link?.length === 6
      ? { state, linkAddress: formatMAC(link) }
      : { state };
  }
}

function interfaceOf(
  octets: Uint8Array,
  namespace: string | undefined,
): { device?: string; mtu?: number } {
  return inquire(4, namespace, "ask for the interface of a route", (fd) => {
    const view = new DataView(octets.buffer, octets.byteOffset);
    const device = interfaceName(view.getInt32(0, true), fd);
    return device === undefined
      ? {}
      : { device, mtu: interfaceMTU(device, fd) };
  });
}

function octetsOf(address: string): Uint8Array {
  const octets = new Uint8Array(4);
  put32(octets, 0, parseIPv4(address));
  return octets;
}

function addressIn(octets: Uint8Array): string {
  return formatIPv4(get32(octets, 0));
}
