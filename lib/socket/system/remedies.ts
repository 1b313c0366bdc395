/**
 * What to do about a failure, by the tools that the system has for it.
 *
 * @module
 */

import {
  EACCES,
  EADDRNOTAVAIL,
  EHOSTUNREACH,
  EINVAL,
  EIO,
  EMFILE,
  EMSGSIZE,
  ENETDOWN,
  ENETUNREACH,
  ENOBUFS,
  ENODEV,
  ENOENT,
  EPERM,
  EPROTONOSUPPORT,
} from "../../ffi/errno.ts";
import { system } from "../../ffi/own.ts";
import type { System } from "../../ffi/system.ts";

const here = system.tools;

/** What to do about EACCES where it is not about broadcasts. */
export const PROHIBITED = `A route prohibits it: ${here.route}.`;

/** What to do about EINVAL of the way to some address. */
export const BLACKHOLE = `A blackhole route leads there: ${here.routes}.`;

/** What it may be otherwise, of a packet. */
export const LONG_HEADER =
  "Or the packet has its own header, which says that it is longer than the packet.";

/** What to do about EINVAL of an address that is one on every link. */
export const ZONE_MISSING = zoneMissing(system);

/** What to do about a broadcast address. */
export const BROADCAST =
  "It is an address of many hosts, not of one. Open the " +
  "socket with broadcast: true, if that is meant.";

/** What to do about EMFILE. */
export const MANY_FILES = `The process has too many files open; ${here.files}.`;

/** What to do where no ping socket is to be had. */
export const PING_REMEDY = here.ping;

/** What to do about a failed call, on this system or another. */
export function remedyFor(
  { syscall, errno }: { readonly syscall: string; readonly errno: number },
  on: System = system,
): string | undefined {
  const { name, tools } = on;
  switch (errno) {
    case EPERM:
    case EACCES:
      if (syscall === "socket") return tools.raw;
      if (syscall === "setns") {
        return "Entering a network namespace needs root (CAP_SYS_ADMIN).";
      }
      if (syscall === "connect") return PROHIBITED;
      if (!syscall.startsWith("send")) return undefined;
      return errno === EACCES
        ? BROADCAST
        : `A firewall rule of this host refused it; ${tools.firewall}.`;
    case EMSGSIZE:
      return `It is longer than the MTU of the interface (${tools.mtu}) ` +
        "or than any packet can be; send less, or fragment it first.";
    case ENOBUFS:
      return `The send buffer, or the queue of the interface${tools.queue}, ` +
        "has no room for it: send slower. Open the socket with " +
        "more sendBufferBytes.";
    case ENETUNREACH:
    case EHOSTUNREACH:
      return `No route leads there: ${tools.route}, ` +
        `\`${name === "Linux" ? "ip route" : "route"} add\` adds one.`;
    case EINVAL:
      return syscall === "connect"
        ? BLACKHOLE
        : syscall === "bind"
        ? zoneMissing(on)
        : undefined;
    case EADDRNOTAVAIL:
      return `No interface of this host has that address; ${tools.addresses}.`;
    case ENETDOWN:
      return `The interface is down, or gone: ${tools.up}.`;
    case EIO:
      // Of what was sent before, as its function that pings tells it.
      return name === "Windows" && syscall.startsWith("send")
        ? "Windows did not send the last echo request to there, and does not " +
          "say why: its firewall may forbid it, or no way lead there."
        : undefined;
    case ENODEV:
      return `There is no such interface; ${tools.interfaces}.`;
    case ENOENT:
      return syscall === "open"
        ? "There is no such network namespace; `ip netns list` lists them."
        : undefined;
    case EPROTONOSUPPORT:
      return `${name} has no raw sockets of protocol 0. Packets of it can be ` +
        "sent under a header of one's own, as spoof and craft send them.";
    case EMFILE:
      return MANY_FILES;
  }
}

function zoneMissing({ tools }: System): string {
  return "A link-local address is one only with the interface that it is on, " +
    `as in fe80::1%eth0; \`${tools.zones}\` shows both.`;
}

/** What to do where nothing of a protocol arrives; none where all does. */
export function silenceRemedy(
  protocol: number,
  on: System = system,
): string | undefined {
  if (on.firewallRule === undefined) return undefined;
  return `${on.name}' firewall lets it in only by a rule. As administrator:\n` +
    `  ${on.firewallRule}${protocol}`;
}
