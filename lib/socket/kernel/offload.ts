/**
 * What network cards do to packets in the kernel's place, and how to stop it.
 *
 * @module
 */

import { addressOf, libc } from "../../ffi/libc.ts";
import {
  ETHTOOL_GGRO,
  ETHTOOL_GGSO,
  ETHTOOL_GTSO,
  ETHTOOL_GTXCSUM,
  ETHTOOL_STXCSUM,
  ETHTOOL_VALUE,
  IFREQ,
  SIOCETHTOOL,
} from "../../ffi/linux/numbers.ts";
import { check } from "../errors.ts";
import { inquire } from "./inquiry.ts";

/** What asks for each, by the name that ethtool(8) has for it. */
const OFFLOADS = {
  tx: ETHTOOL_GTXCSUM,
  tso: ETHTOOL_GTSO,
  gso: ETHTOOL_GGSO,
  gro: ETHTOOL_GGRO,
} as const;

/**
 * What an interface does, as `ethtool -K` names it: `tx`, the checksums of what
 * is sent; `tso` and `gso`, the cutting of long segments; `gro`, the joining of
 * short ones.
 */
export function offloadsOf(device: string): string[] {
  return inquire(
    4,
    undefined,
    `ask ${device} for its offloads`,
    (fd) =>
      Object.entries(OFFLOADS).filter(([, command]) => {
        const request = ethtoolRequest(device, command);
        const result = libc().ioctl(fd, BigInt(SIOCETHTOOL), request);
        return result >= 0 && request.getUint32(VALUE, true) !== 0;
      }).map(([name]) => name),
  );
}

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
  const request = ethtoolRequest(device, ETHTOOL_STXCSUM);
  const action = `turn the checksum offload of ${device} off`;
  inquire(
    4,
    namespace,
    action,
    (fd) =>
      check(libc().ioctl(fd, BigInt(SIOCETHTOOL), request), "ioctl", action),
  );
}

/** Where the value stands that is set or told. */
const VALUE = IFREQ.SIZE + ETHTOOL_VALUE.DATA;

/** One buffer for both, since a pointer inside a struct keeps nothing alive. */
function ethtoolRequest(
  device: string,
  command: number,
): DataView<ArrayBuffer> {
  const request = new DataView(
    new ArrayBuffer(IFREQ.SIZE + ETHTOOL_VALUE.SIZE),
  );
  const name = new TextEncoder().encode(device);
  new Uint8Array(request.buffer, IFREQ.NAME, IFREQ.NAME_SIZE - 1)
    .set(name.subarray(0, IFREQ.NAME_SIZE - 1));
  request.setBigUint64(
    IFREQ.DATA,
    addressOf(request.buffer) + BigInt(IFREQ.SIZE),
    true,
  );
  request.setUint32(IFREQ.SIZE + ETHTOOL_VALUE.COMMAND, command, true);
  return request;
}
