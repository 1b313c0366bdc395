/**
 * The numbers and layouts that macOS gives to its socket interface, the same
 * on both its processors, as far as they differ from Linux's. Each group tells
 * the file of Apple's published sources (github.com/apple-oss-distributions)
 * that it was read in; none of it was seen on a Mac.
 *
 * @module
 */

/** xnu: bsd/sys/socket.h. */
export const AF_INET = 2;
export const AF_UNIX = 1;
export const AF_LINK = 18;
export const AF_INET6 = 30;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOL_SOCKET = 0xffff;
export const SO_BROADCAST = 0x0020;
export const SO_TIMESTAMP = 0x0400;
export const SO_SNDBUF = 0x1001;
export const SO_RCVBUF = 0x1002;
/** Of a control message: a `struct timeval`. */
export const SCM_TIMESTAMP = 0x02;
export const MSG_TRUNC = 0x10;
export const MSG_DONTWAIT = 0x80;
/** `struct msghdr` */
export const MSGHDR = {
  SIZE: 48,
  NAME: 0,
  NAME_LENGTH: 8,
  IOV: 16,
  IOV_COUNT: 24,
  CONTROL: 32,
  CONTROL_LENGTH: 40,
  FLAGS: 44,
} as const;
/** `struct cmsghdr`; each is padded to a multiple of four octets */
export const CMSGHDR = { LENGTH: 0, LEVEL: 4, TYPE: 8, DATA: 12 } as const;

/** xnu: bsd/netinet/in.h. */
export const IPPROTO_IP = 0;
export const IP_HDRINCL = 2;
export const IP_TOS = 3;
export const IP_TTL = 4;
export const IP_MULTICAST_TTL = 10;
export const IP_RECVIF = 20;
export const IP_BOUND_IF = 25;
export const IP_PKTINFO = 26;
export const IP_DONTFRAG = 28;

/** xnu: bsd/netinet6/in6.h, where RFC 3542 is asked for. */
export const IPPROTO_IPV6 = 41;
export const IPV6_UNICAST_HOPS = 4;
export const IPV6_MULTICAST_HOPS = 10;
export const IPV6_TCLASS = 36;
export const IPV6_RECVHOPLIMIT = 37;
export const IPV6_PKTINFO = 46;
export const IPV6_HOPLIMIT = 47;
export const IPV6_RECVPKTINFO = 61;
export const IPV6_DONTFRAG = 62;
export const IPV6_BOUND_IF = 125;

/** xnu: bsd/netinet/in_pcb.h and raw_ip.c: octets, until they are set. */
export const RAW_BUFFER = 8192;

/** Libc: include/time.h. */
export const CLOCK_MONOTONIC = 6;

/** xnu: bsd/sys/signal.h: `struct sigaction`. */
export const SIGACTION = { SIZE: 16, HANDLER: 0 } as const;

/** Libinfo: lookup.subproj/netdb.h: `struct addrinfo`, and a flag. */
export const ADDRINFO = { SIZE: 48, FAMILY: 4, NAME: 24, ADDRESS: 32 } as const;
export const NI_NAMEREQD = 4;

/** Libinfo: gen.subproj/ifaddrs.h: `struct ifaddrs`. */
export const IFADDRS = {
  SIZE: 56,
  NEXT: 0,
  NAME: 8,
  FLAGS: 16,
  ADDRESS: 24,
  BROADCAST: 40,
  DATA: 48,
} as const;
/** xnu: bsd/net/if.h and if_var.h: `struct if_data`, as far as it is used. */
export const IFF_BROADCAST = 0x2;
export const IF_DATA = { SIZE: 12, MTU: 8 } as const;
/** xnu: bsd/net/if_dl.h: `struct sockaddr_dl`. */
export const SOCKADDR_DL = { INDEX: 2 } as const;
