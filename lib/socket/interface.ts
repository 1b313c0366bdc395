/**
 * Network interfaces.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import { IFREQ, SIOCGIFINDEX } from "../ffi/linux.ts";

/**
 * The index of an interface, as `ip link` numbers them, or 0 if there is none.
 *
 * @param name its name, or an alternative one
 * @param fd a socket, which is asked: if_nametoindex(3) knows the namespace of
 * this process only
 */
export function interfaceIndex(name: string, fd: number): number {
  const octets = new TextEncoder().encode(name);
  if (octets.length >= IFREQ.NAME_SIZE) return 0;
  const request = new DataView(new ArrayBuffer(IFREQ.SIZE));
  new Uint8Array(request.buffer).set(octets, IFREQ.NAME);
  if (libc().ioctl(fd, BigInt(SIOCGIFINDEX), request) < 0) return 0;
  return request.getInt32(IFREQ.INDEX, true);
}
