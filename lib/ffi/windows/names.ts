/**
 * Names and addresses, by Windows' resolver.
 *
 * @module
 */

import { resolverReason } from "./errors.ts";
import {
  familyNumber,
  fromWindows,
  toWindows,
  type Winsock,
} from "./winsock.ts";

/** ADDRINFOA, which has the name before the address, and Linux the reverse. */
const ADDRINFO = { SIZE: 48, FAMILY: 4, NAME: 24, ADDRESS: 32, NEXT: 40 };
/** Only a name will do, not an address in its stead: of Windows. */
const NI_NAMEREQD = 4;

/** The resolver's calls. */
export function namesOf(winsock: Winsock) {
  /** Exchanges what the systems have the other way round. */
  const turn = (head: Deno.PointerValue) => {
    for (let node = head; node !== null;) {
      const info = new DataView(
        Deno.UnsafePointerView.getArrayBuffer(node, ADDRINFO.SIZE),
      );
      const address = info.getBigUint64(ADDRINFO.ADDRESS, true);
      info.setBigUint64(
        ADDRINFO.ADDRESS,
        info.getBigUint64(ADDRINFO.NAME, true),
        true,
      );
      info.setBigUint64(ADDRINFO.NAME, address, true);
      fromWindows(new Uint8Array(info.buffer, ADDRINFO.FAMILY));
      const next = info.getBigUint64(ADDRINFO.NEXT, true);
      node = Deno.UnsafePointer.create(next);
    }
  };
  return {
    async getaddrinfo(
      node: BufferSource,
      service: null,
      hints: DataView<ArrayBuffer>,
      result: BigUint64Array<ArrayBuffer>,
    ) {
      const own = new DataView(hints.buffer.slice(0));
      const family = own.getInt32(ADDRINFO.FAMILY, true);
      own.setInt32(ADDRINFO.FAMILY, familyNumber(family), true);
      const code = await winsock.getaddrinfo(node, service, own, result);
      if (code === 0) turn(Deno.UnsafePointer.create(result[0]));
      return code;
    },
    getnameinfo: (
      address: Uint8Array<ArrayBuffer>,
      length: number,
      host: BufferSource,
      size: number,
    ) =>
      winsock.getnameinfo(
        ...[toWindows(address), length, host, size, null, 0] as const,
        NI_NAMEREQD,
      ),
    freeaddrinfo(head: Deno.PointerValue) {
      turn(head);
      winsock.freeaddrinfo(head);
    },
    gai_strerror(code: number) {
      reason = new TextEncoder().encode(`${resolverReason(code)}\0`);
      return Deno.UnsafePointer.of(reason);
    },
  };
}

/** Kept, since a pointer to it is handed out. */
let reason: Uint8Array<ArrayBuffer>;
