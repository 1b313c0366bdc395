/**
 * The numbers and layouts that Linux gives to libc's socket interface, the
 * same on x86_64 and arm64. One place, so that another system would be one
 * more file.
 *
 * @module
 */

/** From `sys/socket.h`, `netinet/in.h`, `poll.h`, `sched.h` and `fcntl.h`. */
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;

/** From `signal.h`, by name. */
export const SIGNALS = { HUP: 1, KILL: 9, TERM: 15 } as const;

export const SOL_SOCKET = 1;
export const SO_BROADCAST = 6;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_BINDTODEVICE = 25;
export const SO_ATTACH_FILTER = 26;
export const SO_DETACH_FILTER = 27;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPNS = 35;
export const SO_MEMINFO = 55;
/** Indices into the 32-bit words that SO_MEMINFO yields. */
export const SK_MEMINFO_RCVBUF = 1;
export const SK_MEMINFO_WMEM_ALLOC = 2;
export const SK_MEMINFO_DROPS = 8;
export const SK_MEMINFO_WORDS = 9;

export const IPPROTO_IP = 0;
export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_HDRINCL = 3;
export const IP_PKTINFO = 8;
export const IP_MTU_DISCOVER = 10;
export const IP_RECVERR = 11;
export const IP_RECVTTL = 12;
export const IP_MTU = 14;
export const IP_NODEFRAG = 22;
export const IP_MULTICAST_TTL = 33;
/** Of both families: send whatever the path is known to take. */
export const PMTUDISC_PROBE = 3;

/** Linux takes what is sent by it as whole packets, whether told so or not. */
export const IPPROTO_RAW = 255;
/** Of both families: packets may be fragmented on the way. */
export const PMTUDISC_DONT = 0;

export const IPPROTO_IPV6 = 41;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MULTICAST_HOPS = 18;
export const IPV6_MTU_DISCOVER = 23;
export const IPV6_MTU = 24;
export const IPV6_RECVERR = 25;
export const IPV6_HDRINCL = 36;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_TCLASS = 67;

export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_ICMPV6 = 58;

/** From `linux/icmp.h`: what a raw ICMP socket shall not receive. */
export const SOL_RAW = 255;
export const ICMP_FILTER = 1;

/** From `linux/if_packet.h` and `linux/if_ether.h`. */
export const SOL_PACKET = 263;
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_AUXDATA = 8;
export const PACKET_QDISC_BYPASS = 20;
export const PACKET_IGNORE_OUTGOING = 23;
export const PACKET_MR_PROMISC = 1;
export const PACKET_OUTGOING = 4;
export const TP_STATUS_VLAN_VALID = 0x10;
export const TP_STATUS_VLAN_TPID_VALID = 0x40;
export const ETH_P_ALL = 0x0003;

/** From `linux/if_arp.h`: what kind of header an interface's packets have. */
export const ARPHRD_ETHER = 1;
export const ARPHRD_TUNNEL = 768;
export const ARPHRD_TUNNEL6 = 769;
export const ARPHRD_LOOPBACK = 772;
export const ARPHRD_SIT = 776;
export const ARPHRD_RAWIP = 519;
export const ARPHRD_NONE = 0xfffe;

/** From `linux/filter.h`: where a filter finds what is no part of the packet. */
export const SKF_AD_OFF = 0xffff_f000;
export const SKF_AD_PROTOCOL = 0;
export const SKF_AD_PKTTYPE = 4;
export const SKF_AD_IFINDEX = 8;
export const SKF_AD_HATYPE = 28;

export const MSG_PROBE = 0x10;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;

export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const POLLNVAL = 0x20;

export const EFD_CLOEXEC = 0o2000000;
export const EFD_NONBLOCK = 0o4000;
export const O_RDONLY = 0;
export const O_NONBLOCK = 0o4000;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const O_CLOEXEC = 0o2000000;
export const CLONE_NEWNET = 0x40000000;

/** From `signal.h`: `struct sigaction`, as glibc and musl have it. */
export const SIGACTION = { SIZE: 152, HANDLER: 0 } as const;
export const SIG_IGN = 1n;
export const SIGHUP = 1;

/** From `linux/sockios.h` and `linux/ethtool.h`. */
export const SIOCGIFNAME = 0x8910;
export const SIOCGIFMTU = 0x8921;
export const SIOCGIFHWADDR = 0x8927;
export const SIOCGIFINDEX = 0x8933;
export const SIOCGIFFLAGS = 0x8913;
export const SIOCETHTOOL = 0x8946;
export const ETHTOOL_GTXCSUM = 0x16;
export const ETHTOOL_STXCSUM = 0x17;
export const ETHTOOL_GTSO = 0x1e;
export const ETHTOOL_GGSO = 0x23;
export const ETHTOOL_GGRO = 0x2b;

/** From `linux/netlink.h`, `linux/rtnetlink.h` and `linux/neighbour.h`. */
export const NETLINK_ROUTE = 0;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLM_F_REQUEST = 1;
export const NLM_F_DUMP = 0x300;
export const RTM_GETROUTE = 26;
export const RTM_GETNEIGH = 30;
export const RTA_DST = 1;
export const RTA_SRC = 2;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_PREFSRC = 7;
export const NDA_DST = 1;
export const NDA_LLADDR = 2;
/** `struct nlmsghdr`; each is padded to a multiple of four octets */
export const NLMSGHDR = {
  SIZE: 16,
  LENGTH: 0,
  TYPE: 4,
  FLAGS: 6,
  SEQUENCE: 8,
} as const;
/** `struct nlattr`; each is padded to a multiple of four octets */
export const NLATTR = { SIZE: 4, LENGTH: 0, TYPE: 2 } as const;
/** `struct rtmsg` */
export const RTMSG = {
  SIZE: 12,
  FAMILY: 0,
  DST_LEN: 1,
  SRC_LEN: 2,
  TYPE: 7,
} as const;
/** `struct ndmsg` */
export const NDMSG = { SIZE: 12, FAMILY: 0, IFINDEX: 4, STATE: 8 } as const;
/** `struct dirent` */
export const DIRENT = { NAME: 19 } as const;

/** Where the port is in a socket address of either family. */
export const SOCKADDR_PORT = 2;
/** `struct sockaddr_in` */
export const SOCKADDR_IN = { SIZE: 16, FAMILY: 0, ADDRESS: 4 } as const;
/** `struct sockaddr_in6` */
export const SOCKADDR_IN6 = {
  SIZE: 28,
  FAMILY: 0,
  ADDRESS: 8,
  SCOPE_ID: 24,
} as const;
/** `struct sockaddr_ll`, whose protocol is in network order */
export const SOCKADDR_LL = {
  SIZE: 20,
  FAMILY: 0,
  PROTOCOL: 2,
  IFINDEX: 4,
  HATYPE: 8,
  PKTTYPE: 10,
  ADDRESS_LENGTH: 11,
  ADDRESS: 12,
  ADDRESS_SIZE: 8,
} as const;
/** `struct packet_mreq` */
export const PACKET_MREQ = { SIZE: 16, IFINDEX: 0, TYPE: 4 } as const;
/** `struct tpacket_auxdata` */
export const TPACKET_AUXDATA = {
  STATUS: 0,
  LENGTH: 4,
  VLAN_TCI: 16,
  VLAN_TPID: 18,
} as const;
/** `struct iovec` */
export const IOVEC = { SIZE: 16, BASE: 0, LENGTH: 8 } as const;
/** `struct mmsghdr`, the `struct msghdr` inside it included */
export const MMSGHDR = {
  SIZE: 64,
  NAME: 0,
  NAME_LENGTH: 8,
  IOV: 16,
  IOV_COUNT: 24,
  CONTROL: 32,
  CONTROL_LENGTH: 40,
  FLAGS: 48,
  LENGTH: 56,
} as const;
/** `struct cmsghdr`; each is padded to a multiple of eight octets */
export const CMSGHDR = { LENGTH: 0, LEVEL: 8, TYPE: 12, DATA: 16 } as const;
/** `struct pollfd` */
export const POLLFD = { SIZE: 8, FD: 0, EVENTS: 4, REVENTS: 6 } as const;
/** `struct sock_filter` */
export const SOCK_FILTER = { SIZE: 8, CODE: 0, JT: 2, JF: 3, K: 4 } as const;
/** `struct sock_fprog` */
export const SOCK_FPROG = { SIZE: 16, LENGTH: 0, FILTER: 8 } as const;
/** `struct ifreq`, whose last member is a union */
export const IFREQ = {
  SIZE: 40,
  NAME: 0,
  NAME_SIZE: 16,
  DATA: 16,
  INDEX: 16,
  MTU: 16,
  HARDWARE_TYPE: 16,
  HARDWARE_ADDRESS: 18,
} as const;
/** Of an interface's flags, from `net/if.h`. */
export const IFF_UP = 0x1;
/** `struct bpf_program` of libpcap; its instructions are `struct sock_filter` */
export const BPF_PROGRAM = { SIZE: 16, LENGTH: 0, INSTRUCTIONS: 8 } as const;
/** `struct ethtool_value` */
export const ETHTOOL_VALUE = { SIZE: 8, COMMAND: 0, DATA: 4 } as const;
/** `struct sock_extended_err`; the offender's socket address follows it */
export const SOCK_EXTENDED_ERR = {
  SIZE: 16,
  TYPE: 5,
  CODE: 6,
  INFO: 8,
} as const;
/** From `netdb.h`. */
export const NI_MAXHOST = 1025;
export const NI_NAMEREQD = 8;
/** `struct addrinfo` */
export const ADDRINFO = {
  SIZE: 48,
  FAMILY: 4,
  SOCKTYPE: 8,
  ADDRESS: 24,
  NEXT: 40,
} as const;
