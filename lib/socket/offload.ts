/**
 * What network cards do to checksums, and how to stop it.
 *
 * @module
 */

import { addressOf, libc } from "../ffi/libc.ts";
import {
  ETHTOOL_STXCSUM,
  ETHTOOL_VALUE,
  IFREQ,
  SIOCETHTOOL,
} from "../ffi/linux.ts";
import { check } from "./errors.ts";
import { inquire } from "./inquiry.ts";

/**
 * Lets the kernel itself compute the checksums of UDP and TCP for packets that
 * leave by an interface, so that a capture of them shows what is sent.
 *
 * @param device an interface's name, such as `eth0`
 * @param namespace the network namespace that the interface is in
 * @throws {SocketError} if there is no such interface, or it is not permitted
 */
export function disableChecksumOffload(
  device: string,
  namespace: string,
): void {
  // One buffer for both, since a pointer inside a struct keeps nothing alive.
  const request = new DataView(
    new ArrayBuffer(IFREQ.SIZE + ETHTOOL_VALUE.SIZE),
  );
  const name = new TextEncoder().encode(device);
  new Uint8Array(request.buffer, IFREQ.NAME, IFREQ.NAME_SIZE - 1)
    .set(name.subarray(0, IFREQ.NAME_SIZE - 1));
  const command = IFREQ.SIZE;
  request.setBigUint64(
    IFREQ.DATA,
    addressOf(request.buffer) + BigInt(command),
    true,
  );
  request.setUint32(command + ETHTOOL_VALUE.COMMAND, ETHTOOL_STXCSUM, true);
  const action = `turn the checksum offload of ${device} off`;
  inquire(
    4,
    namespace,
    action,
    (fd) =>
      check(libc().ioctl(fd, BigInt(SIOCETHTOOL), request), "ioctl", action),
  );
}
