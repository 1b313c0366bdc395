/**
 * Network interfaces.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import {
  IFF_UP,
  IFREQ,
  SIOCGIFFLAGS,
  SIOCGIFHWADDR,
  SIOCGIFINDEX,
  SIOCGIFMTU,
  SIOCGIFNAME,
} from "../../ffi/linux/numbers.ts";
import { MAC_LENGTH } from "../../wire/link/mac.ts";

/**
 * The index of an interface, as `ip link` numbers them, or 0 if there is none.
 *
 * @param name its name, or an alternative one
 * @param fd a socket, which is asked: if_nametoindex(3) knows the namespace of
 * this process only
 */
export function interfaceIndex(name: string, fd: number): number {
  const request = named(name);
  if (request === undefined) return 0;
  if (libc().ioctl(fd, BigInt(SIOCGIFINDEX), request) < 0) return 0;
  return request.getInt32(IFREQ.INDEX, true);
}

/** The name of an interface, or `undefined` if there is none of that index. */
export function interfaceName(index: number, fd: number): string | undefined {
  const request = new DataView(new ArrayBuffer(IFREQ.SIZE));
  request.setInt32(IFREQ.INDEX, index, true);
  if (libc().ioctl(fd, BigInt(SIOCGIFNAME), request) < 0) return undefined;
  const octets = new Uint8Array(request.buffer, IFREQ.NAME, IFREQ.NAME_SIZE);
  return new TextDecoder().decode(octets.subarray(0, octets.indexOf(0)));
}

/**
 * What kind of header an interface's packets have, an `ARPHRD_…` number, or
 * `undefined` if there is no such interface.
 */
export function hardwareType(name: string, fd: number): number | undefined {
  const request = named(name);
  if (request === undefined) return undefined;
  if (libc().ioctl(fd, BigInt(SIOCGIFHWADDR), request) < 0) return undefined;
  return request.getUint16(IFREQ.HARDWARE_TYPE, true);
}

/** The address of an interface on its link, such as that of Ethernet. */
export function linkAddressOf(
  name: string,
  fd: number,
): Uint8Array | undefined {
  const request = named(name);
  if (request === undefined) return undefined;
  if (libc().ioctl(fd, BigInt(SIOCGIFHWADDR), request) < 0) return undefined;
  return new Uint8Array(request.buffer, IFREQ.HARDWARE_ADDRESS, MAC_LENGTH);
}

/** Octets of the longest packet that an interface takes, if there is one. */
export function interfaceMTU(name: string, fd: number): number | undefined {
  const request = named(name);
  if (request === undefined) return undefined;
  if (libc().ioctl(fd, BigInt(SIOCGIFMTU), request) < 0) return undefined;
  return request.getInt32(IFREQ.MTU, true);
}

/** Whether an interface is there, and up. */
export function isUp(name: string, fd: number): boolean {
  const request = named(name);
  if (request === undefined) return false;
  if (libc().ioctl(fd, BigInt(SIOCGIFFLAGS), request) < 0) return false;
  return (request.getUint16(IFREQ.DATA, true) & IFF_UP) !== 0;
}

/** A request about an interface; none has a name that has no room in it. */
function named(name: string): DataView<ArrayBuffer> | undefined {
  const octets = new TextEncoder().encode(name);
  if (octets.length >= IFREQ.NAME_SIZE) return undefined;
  const request = new DataView(new ArrayBuffer(IFREQ.SIZE));
  new Uint8Array(request.buffer).set(octets, IFREQ.NAME);
  return request;
}
