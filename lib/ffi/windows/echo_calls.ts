/**
 * Windows' own functions that send echo requests, of both families.
 *
 * @module
 */

import { holding } from "../held.ts";
import { toWindows } from "./winsock.ts";

const IPHLPAPI = {
  /** HANDLE IcmpCreateFile(void) */
  IcmpCreateFile: { parameters: [], result: "pointer" },
  /** HANDLE Icmp6CreateFile(void) */
  Icmp6CreateFile: { parameters: [], result: "pointer" },
  /** BOOL IcmpCloseHandle(HANDLE handle) */
  IcmpCloseHandle: { parameters: ["pointer"], result: "i32" },
  /** DWORD IcmpSendEcho2Ex(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, void *context, IPAddr source, IPAddr destination, void *data, WORD size, IP_OPTION_INFORMATION *options, void *reply, DWORD replySize, DWORD timeoutMs) */
  IcmpSendEcho2Ex: {
    parameters: [
      ...["pointer", "pointer", "pointer", "pointer"] as const,
      ...["u32", "u32", "buffer", "u16"] as const,
      ...["buffer", "buffer", "u32", "u32"] as const,
    ],
    result: "u32",
    nonblocking: true,
  },
  /** DWORD Icmp6SendEcho2(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, void *context, struct sockaddr_in6 *source, struct sockaddr_in6 *destination, void *data, WORD size, IP_OPTION_INFORMATION *options, void *reply, DWORD replySize, DWORD timeoutMs) */
  Icmp6SendEcho2: {
    parameters: [
      ...["pointer", "pointer", "pointer", "pointer"] as const,
      ...["buffer", "buffer", "buffer", "u16"] as const,
      ...["buffer", "buffer", "u32", "u32"] as const,
    ],
    result: "u32",
    nonblocking: true,
  },
} as const;

/** The functions. */
export type Iphlpapi = Deno.DynamicLibrary<typeof IPHLPAPI>["symbols"];

/** Opens them. */
export function openIphlpapi(): Iphlpapi {
  const { symbols } = Deno.dlopen("iphlpapi.dll", IPHLPAPI);
  return holding(symbols, IPHLPAPI);
}

/** ICMP_ECHO_REPLY, and behind it the data. */
const REPLY = { ADDRESS: 0, STATUS: 4, SIZE: 12, DATA: 16, TTL: 24, END: 40 };
/** ICMPV6_ECHO_REPLY, whose address has port and flow before it. */
const REPLY6 = { ADDRESS: 6, SCOPE: 22, STATUS: 28, END: 36 };
const SOCKADDR_IN = { SIZE: 16, ADDRESS: 4 } as const;
const SOCKADDR_IN6 = { SIZE: 28, ADDRESS: 8, SCOPE: 24 } as const;
const AF_INET = 2;
const AF_INET6 = 10;

/** What Windows has written of a reply, or of an error. */
export interface EchoReply {
  /** The socket address that it came from, as Linux has it. */
  readonly from: Uint8Array<ArrayBuffer>;
  /** Unknown where Windows does not tell it. */
  readonly ttl: number | undefined;
  readonly data: Uint8Array;
}

/** What a request is sent with. */
export interface EchoRequest {
  /** Socket addresses as Linux has them; whichever of its own it likes. */
  readonly source: Uint8Array<ArrayBuffer> | undefined;
  readonly to: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly size: number;
  /** IP_OPTION_INFORMATION */
  readonly options: Uint8Array<ArrayBuffer>;
  readonly reply: DataView<ArrayBuffer>;
  /** Milliseconds that Windows waits for a reply. */
  readonly waitMs: number;
}

/** What the two families have each in its own way. */
export interface EchoCalls {
  /** The ICMP type of a reply. */
  readonly replyType: number;
  /** Linux' level and type of an error's control message; and of the TTL's. */
  readonly errorMessage: readonly [level: number, type: number];
  readonly ttlMessage: readonly [level: number, type: number];
  /** Where a reply's status is, and where its data may begin. */
  readonly statusOffset: number;
  readonly replyEnd: number;
  /** ICMP types and codes, by Windows' status. */
  readonly errors: Readonly<Record<number, readonly [number, number]>>;
  open(api: Iphlpapi): Deno.PointerValue;
  /** Is done when the reply is written. */
  send(
    api: Iphlpapi,
    handle: Deno.PointerValue,
    request: EchoRequest,
  ): Promise<number>;
  /** @param size octets that were sent */
  read(reply: DataView<ArrayBuffer>, size: number): EchoReply;
}

export const IPV4_ECHO: EchoCalls = {
  replyType: 0,
  errorMessage: [0, 11], // IP_RECVERR
  ttlMessage: [0, 2], // IP_TTL
  statusOffset: REPLY.STATUS,
  replyEnd: REPLY.END,
  errors: {
    11_002: [3, 0],
    11_003: [3, 1],
    11_004: [3, 2],
    11_005: [3, 3],
    11_009: [3, 4],
    11_013: [11, 0],
    11_014: [11, 1],
    11_015: [12, 0],
    11_016: [4, 0],
  },
  open: (api) => api.IcmpCreateFile(),
  send(api, handle, { source, to, data, size, options, reply, waitMs }) {
    return api.IcmpSendEcho2Ex(
      ...[handle, null, null, null] as const,
      ...[source ? addressOf(source) : 0, addressOf(to)] as const,
      ...[data, size, options] as const,
      ...[reply, reply.byteLength, waitMs] as const,
    );
  },
  read(reply) {
    const from = new Uint8Array(SOCKADDR_IN.SIZE);
    from[0] = AF_INET;
    from.set(new Uint8Array(reply.buffer, REPLY.ADDRESS, 4), 4);
    const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(reply));
    const start = Number(reply.getBigUint64(REPLY.DATA, true) - base);
    const size = reply.getUint16(REPLY.SIZE, true);
    // An error has neither.
    const data = start > 0 && start + size <= reply.byteLength
      ? new Uint8Array(reply.buffer, start, size)
      : new Uint8Array();
    return { from, ttl: reply.getUint8(REPLY.TTL), data };
  },
};

export const IPV6_ECHO: EchoCalls = {
  replyType: 129,
  errorMessage: [41, 25], // IPV6_RECVERR
  ttlMessage: [41, 52], // IPV6_HOPLIMIT
  statusOffset: REPLY6.STATUS,
  replyEnd: REPLY6.END,
  errors: {
    11_002: [1, 0],
    11_003: [1, 3],
    11_004: [1, 1],
    11_005: [1, 4],
    11_009: [2, 0],
    11_013: [3, 0],
    11_014: [3, 1],
    11_015: [4, 0],
    11_040: [1, 0],
    11_041: [3, 0],
    11_042: [4, 0],
    11_043: [4, 1],
    11_045: [1, 2],
  },
  open: (api) => api.Icmp6CreateFile(),
  send(api, handle, { source, to, data, size, options, reply, waitMs }) {
    const any = new Uint8Array(SOCKADDR_IN6.SIZE);
    any[0] = AF_INET6;
    return api.Icmp6SendEcho2(
      ...[handle, null, null, null] as const,
      ...[toWindows(source ?? any), toWindows(to)] as const,
      ...[data, size, options] as const,
      ...[reply, reply.byteLength, waitMs] as const,
    );
  },
  read(reply, size) {
    const from = new Uint8Array(SOCKADDR_IN6.SIZE);
    from[0] = AF_INET6;
    const { buffer } = reply;
    from.set(new Uint8Array(buffer, REPLY6.ADDRESS, 16), SOCKADDR_IN6.ADDRESS);
    from.set(new Uint8Array(buffer, REPLY6.SCOPE, 4), SOCKADDR_IN6.SCOPE);
    // As many as were sent: it says no length, and no hop limit.
    const data = new Uint8Array(buffer, REPLY6.END, size);
    return { from, ttl: undefined, data };
  },
};

/** The four octets of an IPv4 socket address, as the number that they are. */
function addressOf(sockaddr: Uint8Array): number {
  return new DataView(sockaddr.buffer, sockaddr.byteOffset)
    .getUint32(SOCKADDR_IN.ADDRESS, true);
}
