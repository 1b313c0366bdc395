/*
 * A macOS of our own: as much of libSystem's socket interface as raw4 calls, in
 * Darwin's numbers and layouts and by XNU's rules, made of Linux's system calls.
 *
 * Written to Apple's published sources (github.com/apple-oss-distributions/xnu,
 * Libinfo, Libc); each rule names its file. It is as strict as XNU, and
 * stricter where that catches a mistake, which is then said. It proves that
 * raw4 agrees with what was read there, not that a Mac does.
 *
 * Not here: fragments of packets with their own header, which Linux refuses to
 * make; anything of time. SHIM_IS_USER in its environment makes the process an
 * ordinary user's, SHIM_NO_BUFFERS=3 refuses its first three packets.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Exported by libSystem's name, which glibc's headers declare otherwise. */
#define EXPORT(name) __asm__(#name)
/* glibc's own function: a plain call would come back here. */
#define GLIBC(name) ((__typeof__(&name))dlsym(RTLD_DEFAULT, #name))

/* bsd/sys/errno.h; those below 35 are Linux's, but for EAGAIN. */
enum {
  D_EINVAL = 22, D_EAGAIN = 35, D_EMSGSIZE = 40, D_EPROTOTYPE = 41,
  D_ENOPROTOOPT = 42, D_EAFNOSUPPORT = 47, D_EADDRNOTAVAIL = 49,
  D_ENOBUFS = 55,
};
/* bsd/sys/socket.h, bsd/netinet/in.h, bsd/netinet6/in6.h */
enum { D_AF_INET6 = 30, D_AF_LINK = 18, D_SOL_SOCKET = 0xffff };
enum { D_MSG_TRUNC = 0x10, D_MSG_CTRUNC = 0x20, D_MSG_DONTWAIT = 0x80 };
enum {
  D_IP_HDRINCL = 2, D_IP_TOS = 3, D_IP_TTL = 4, D_IP_MULTICAST_TTL = 10,
  D_IP_RECVIF = 20, D_IP_BOUND_IF = 25, D_IP_PKTINFO = 26, D_IP_DONTFRAG = 28,
};
enum {
  D_IPV6_UNICAST_HOPS = 4, D_IPV6_MULTICAST_HOPS = 10, D_IPV6_TCLASS = 36,
  D_IPV6_RECVHOPLIMIT = 37, D_IPV6_PKTINFO = 46, D_IPV6_HOPLIMIT = 47,
  D_IPV6_RECVPKTINFO = 61, D_IPV6_DONTFRAG = 62, D_IPV6_BOUND_IF = 125,
};
/* bsd/netinet/in_pcb.h: RIPSNDQ and RIPRCVQ; bsd/kern/uipc_socket2.c: sb_max */
enum { RAW_BUFFER = 8192, LARGEST_BUFFER = 8388608 };

struct d_msghdr {
  void *name;
  uint32_t namelen;
  struct iovec *iov;
  int32_t iovlen;
  void *control;
  uint32_t controllen;
  int32_t flags;
};
_Static_assert(sizeof(struct d_msghdr) == 48, "bsd/sys/socket.h");
struct d_cmsghdr {
  uint32_t len;
  int32_t level, type;
};
struct d_timeval {
  int64_t sec;
  int32_t usec, pad;
};

static struct {
  int isOurs, isIPv4, isRaw, isPing, hasHeader, wantsInterface;
  int sendBuffer, receiveBuffer, broadcast;
} sockets[4096];

static __thread int last_error;
int *d_error(void) EXPORT(__error);
int *d_error(void) { return &last_error; }

static int to_darwin_errno(int error) {
  switch (error) {
  case EAGAIN: return D_EAGAIN;
  case EMSGSIZE: return D_EMSGSIZE;
  case EPROTOTYPE: return D_EPROTOTYPE;
  case ENOTSOCK: return 38;
  case ENOPROTOOPT: return D_ENOPROTOOPT;
  case EPROTONOSUPPORT: return 43;
  case EAFNOSUPPORT: return D_EAFNOSUPPORT;
  case EADDRINUSE: return 48;
  case EADDRNOTAVAIL: return D_EADDRNOTAVAIL;
  case ENETDOWN: return 50;
  case ENETUNREACH: return 51;
  case ENOBUFS: return D_ENOBUFS;
  case ENOTCONN: return 57;
  case ECONNREFUSED: return 61;
  case EHOSTUNREACH: return 65;
  default: return error;
  }
}

static int fail(int darwin_error) {
  last_error = darwin_error;
  return -1;
}
static int told(long result) {
  return result < 0 ? fail(to_darwin_errno(errno)) : (int)result;
}
static int set(int fd, int level, int name, int value) {
  return told(syscall(SYS_setsockopt, fd, level, name, &value, 4));
}

/* bsd/kern/uipc_syscalls.c, getsockaddr writes the length itself; a wrong one
 * is refused here all the same. */
static int from_sockaddr(struct sockaddr_in6 *to, const uint8_t *from,
                         uint32_t length) {
  int size = length == 0 ? 0 : from[1] == AF_INET ? 16 : 28;
  if (length != size || from[0] != size) return fail(D_EINVAL);
  if (from[1] != AF_INET && from[1] != D_AF_INET6) return fail(D_EAFNOSUPPORT);
  memcpy(to, from, size);
  to->sin6_family = from[1] == AF_INET ? AF_INET : AF_INET6;
  return 0;
}
static void to_sockaddr(uint8_t *sockaddr, uint32_t length) {
  uint16_t family;
  memcpy(&family, sockaddr, 2);
  sockaddr[0] = length;
  sockaddr[1] = family == AF_INET6 ? D_AF_INET6 : family;
}

int d_socket(int domain, int type, int protocol) EXPORT(socket);
int d_socket(int domain, int type, int protocol) {
  int isIPv4 = domain == AF_INET;
  int icmp = isIPv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  if (domain != AF_INET && domain != D_AF_INET6) return fail(D_EAFNOSUPPORT);
  /* No SOCK_CLOEXEC, no SOCK_NONBLOCK: these are no types. */
  if (type != SOCK_RAW && type != SOCK_DGRAM) return fail(D_EPROTOTYPE);
  /* bsd/netinet/raw_ip.c, rip_attach */
  if (protocol < 0 || protocol > 255) return fail(D_EINVAL);
  int isRaw = type == SOCK_RAW;
  /* SS_PRIV: not root. Here it is as a test says, which is always root. */
  if (isRaw && getenv("SHIM_IS_USER")) return fail(EPERM);
  int isPing = type == SOCK_DGRAM && protocol != 0;
  if (isPing && protocol != icmp) return fail(43);
  int family = isIPv4 ? AF_INET : AF_INET6;
  /* Linux has no raw sockets of protocol 0. */
  int number = isRaw && protocol == 0 ? IPPROTO_RAW : protocol;
  int fd = told(syscall(SYS_socket, family, isPing ? SOCK_RAW : type, number));
  if (fd < 0) return fd;
  if (fd >= 4096) abort();
  memset(&sockets[fd], 0, sizeof sockets[fd]);
  sockets[fd].isOurs = 1;
  sockets[fd].isIPv4 = isIPv4;
  sockets[fd].isRaw = isRaw;
  sockets[fd].isPing = isPing;
  sockets[fd].sendBuffer = sockets[fd].receiveBuffer =
      isRaw || isPing ? RAW_BUFFER : 65535;
  /* bsd/netinet/raw_ip.c, rip_output: no DF, unless IP_DONTFRAG is set */
  if (isIPv4) set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
  if (!isRaw && !isPing) return fd;
  /* bsd/netinet/raw_ip.c, rip_output: IP_ALLOWBROADCAST, always */
  set(fd, SOL_SOCKET, SO_BROADCAST, 1);
  if (isIPv4) {
    /* Linux would take it for granted of IPPROTO_RAW. */
    set(fd, IPPROTO_IP, IP_HDRINCL, 0);
    /* bsd/netinet/ip_icmp.c, icmp_input answers these, and goes no further. */
    if (protocol == IPPROTO_ICMP) {
      set(fd, SOL_RAW, 1 /* ICMP_FILTER */, 1 << 8 | 1 << 13 | 1 << 17);
    }
  }
  /* bsd/netinet/in_proto.c: these have inputs of their own. */
  if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) {
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {1, &nothing};
    syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
            sizeof program);
  }
  return fd;
}

int d_socketpair(int domain, int type, int protocol, int fds[2])
    EXPORT(socketpair);
int d_socketpair(int domain, int type, int protocol, int fds[2]) {
  return told(syscall(SYS_socketpair, domain, type, protocol, fds));
}

int d_close(int fd) EXPORT(close);
int d_close(int fd) {
  if (fd >= 0 && fd < 4096) sockets[fd].isOurs = 0;
  return told(syscall(SYS_close, fd));
}

int d_bind(int fd, const uint8_t *sockaddr, uint32_t length) EXPORT(bind);
int d_bind(int fd, const uint8_t *sockaddr, uint32_t length) {
  struct sockaddr_in6 to;
  if (from_sockaddr(&to, sockaddr, length) < 0) return -1;
  return told(syscall(SYS_bind, fd, &to, length));
}

int d_connect(int fd, const uint8_t *sockaddr, uint32_t length)
    EXPORT(connect);
int d_connect(int fd, const uint8_t *sockaddr, uint32_t length) {
  struct sockaddr_in6 to;
  if (from_sockaddr(&to, sockaddr, length) < 0) return -1;
  /* bsd/netinet/in_pcb.c, in_pcbladdr */
  if (to.sin6_port == 0) return fail(D_EADDRNOTAVAIL);
  /* It asks no leave for broadcasts before something is sent. */
  set(fd, SOL_SOCKET, SO_BROADCAST, 1);
  return told(syscall(SYS_connect, fd, &to, length));
}

int d_getsockname(int fd, uint8_t *sockaddr, uint32_t *length)
    EXPORT(getsockname);
int d_getsockname(int fd, uint8_t *sockaddr, uint32_t *length) {
  int result = told(syscall(SYS_getsockname, fd, sockaddr, length));
  if (result < 0) return result;
  if (sockets[fd].isRaw || sockets[fd].isPing) memset(sockaddr + 2, 0, 2);
  to_sockaddr(sockaddr, *length);
  return 0;
}

/* Linux's name for an IP option, or -1. */
static int ip_option(int fd, int name) {
  switch (name) {
  case D_IP_HDRINCL: return IP_HDRINCL;
  case D_IP_TOS: return IP_TOS;
  case D_IP_TTL: return IP_TTL;
  case D_IP_MULTICAST_TTL: return IP_MULTICAST_TTL;
  case D_IP_DONTFRAG: return IP_MTU_DISCOVER;
  case D_IP_RECVIF: return IP_PKTINFO;
  /* bsd/netinet/ip_icmp.c, icmp_dgram_ctloutput does not list it. */
  case D_IP_PKTINFO: return sockets[fd].isPing ? -1 : IP_PKTINFO;
  default: return -1;
  }
}
static int ipv6_option(int name) {
  switch (name) {
  case D_IPV6_UNICAST_HOPS: return IPV6_UNICAST_HOPS;
  case D_IPV6_MULTICAST_HOPS: return IPV6_MULTICAST_HOPS;
  case D_IPV6_TCLASS: return IPV6_TCLASS;
  case D_IPV6_RECVHOPLIMIT: return IPV6_RECVHOPLIMIT;
  case D_IPV6_RECVPKTINFO: return IPV6_RECVPKTINFO;
  case D_IPV6_DONTFRAG: return IPV6_MTU_DISCOVER;
  default: return -1;
  }
}

int d_setsockopt(int fd, int level, int name, const int *value,
                 uint32_t length) EXPORT(setsockopt);
int d_setsockopt(int fd, int level, int name, const int *value,
                 uint32_t length) {
  if (length != 4) return fail(D_EINVAL);
  if (level == D_SOL_SOCKET) {
    int isSend = name == 0x1001;
    switch (name) {
    case 0x0020: sockets[fd].broadcast = *value ? 0x20 : 0; return 0;
    case 0x0400: return set(fd, SOL_SOCKET, SO_TIMESTAMP, *value);
    case 0x1001:
    case 0x1002:
      /* bsd/kern/uipc_socket2.c, sbreserve */
      if (*value > LARGEST_BUFFER) return fail(D_ENOBUFS);
      *(isSend ? &sockets[fd].sendBuffer : &sockets[fd].receiveBuffer) = *value;
      return set(fd, SOL_SOCKET, isSend ? SO_SNDBUFFORCE : SO_RCVBUFFORCE,
                 *value);
    default: return fail(D_ENOPROTOOPT);
    }
  }
  if (name == (level == IPPROTO_IP ? D_IP_BOUND_IF : D_IPV6_BOUND_IF)) {
    char device[IF_NAMESIZE] = "";
    if (if_indextoname(*value, device) == NULL) return fail(6); /* ENXIO */
    return told(syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_BINDTODEVICE,
                        device, strlen(device)));
  }
  if (level != (sockets[fd].isIPv4 ? IPPROTO_IP : IPPROTO_IPV6)) {
    return fail(D_EINVAL);
  }
  int option = level == IPPROTO_IP ? ip_option(fd, name) : ipv6_option(name);
  if (option < 0) {
    return fail(sockets[fd].isPing ? D_EINVAL : D_ENOPROTOOPT);
  }
  int isFragment = option == (level == IPPROTO_IP ? IP_MTU_DISCOVER
                                                  : IPV6_MTU_DISCOVER);
  /* bsd/netinet/ip_output.c: 0 or 1; Linux's numbers would be a mistake. */
  if (isFragment && *value != 0 && *value != 1) return fail(D_EINVAL);
  int result =
      set(fd, level, option, isFragment && *value ? IP_PMTUDISC_DO : *value); /* 0: both DONT */
  if (result == 0 && level == IPPROTO_IP && name == D_IP_HDRINCL) {
    sockets[fd].hasHeader = *value != 0;
  }
  if (name == D_IP_RECVIF) sockets[fd].wantsInterface = *value != 0;
  return result;
}

int d_getsockopt(int fd, int level, int name, int *value, uint32_t *length)
    EXPORT(getsockopt);
int d_getsockopt(int fd, int level, int name, int *value, uint32_t *length) {
  if (level == D_SOL_SOCKET) {
    switch (name) {
    case 0x1001: *value = sockets[fd].sendBuffer; return 0;
    case 0x1002: *value = sockets[fd].receiveBuffer; return 0;
    case 0x0020: *value = sockets[fd].broadcast; return 0;
    default: return fail(D_ENOPROTOOPT);
    }
  } else {
    name = level == IPPROTO_IP ? ip_option(fd, name) : ipv6_option(name);
    if (name < 0) return fail(D_ENOPROTOOPT);
  }
  return told(syscall(SYS_getsockopt, fd, level, name, value, length));
}

/* bsd/netinet/raw_ip.c, rip_output; ip_icmp.c, icmp_dgram_send */
static int check_packet(int fd, const uint8_t *packet, uint32_t length) {
  uint16_t total;
  /* bsd/kern/uipc_socket.c, sosendcheck: a packet goes out whole. */
  if (length > (uint32_t)sockets[fd].sendBuffer) return fail(D_EMSGSIZE);
  if (sockets[fd].hasHeader) {
    uint32_t header = (packet[0] & 0xf) * 4;
    if (length < 20) return fail(D_EINVAL);
    memcpy(&total, packet + 2, 2); /* in the machine's own order */
    if (total > length || total < header) return fail(D_EINVAL);
  } else if (sockets[fd].isPing && sockets[fd].isIPv4) {
    int isRequest = packet[0] == 8 || (packet[0] == 13 && length == 20) ||
                    (packet[0] == 17 && length == 12);
    if (length < 8 || packet[1] != 0 || !isRequest) return fail(D_EINVAL);
  } else if (sockets[fd].isPing) {
    /* bsd/netinet6/icmp6.c, icmp6_dgram_send */
    if (length < 8 || packet[0] != 128) return fail(D_EINVAL);
  }
  return 0;
}

ssize_t d_sendto(int fd, const uint8_t *octets, size_t length, int flags,
                 const uint8_t *sockaddr, uint32_t addrlen) EXPORT(sendto);
ssize_t d_sendto(int fd, const uint8_t *octets, size_t length, int flags,
                 const uint8_t *sockaddr, uint32_t addrlen) {
  static __thread uint8_t packet[65536];
  struct sockaddr_in6 to;
  /* XNU ignores flags that it does not know. */
  if (flags & ~D_MSG_DONTWAIT) return fail(D_EINVAL);
  if (!sockets[fd].isOurs) {
    return told(syscall(SYS_sendto, fd, octets, length,
                        flags ? MSG_DONTWAIT : 0, NULL, 0));
  }
  if (from_sockaddr(&to, sockaddr, addrlen) < 0) return -1;
  if (check_packet(fd, octets, length) < 0) return -1;
  /* bsd/netinet/ip_output.c: the interface's queue may have no room. */
  static int tries;
  const char *refused = getenv("SHIM_NO_BUFFERS");
  if (refused && tries < atoi(refused)) return tries++, fail(D_ENOBUFS);
  memcpy(packet, octets, length);
  if (sockets[fd].hasHeader) {
    uint16_t field[2];
    memcpy(&field[0], packet + 2, 2);
    memcpy(&field[1], packet + 6, 2);
    field[0] = htons(field[0]), field[1] = htons(field[1]);
    memcpy(packet + 2, &field[0], 2);
    memcpy(packet + 6, &field[1], 2);
  }
  return told(syscall(SYS_sendto, fd, packet, length, flags ? MSG_DONTWAIT : 0,
                      &to, addrlen));
}

ssize_t d_recv(int fd, void *octets, size_t length, int flags) EXPORT(recv);
ssize_t d_recv(int fd, void *octets, size_t length, int flags) {
  if (flags & ~D_MSG_DONTWAIT) return fail(D_EINVAL);
  return told(syscall(SYS_recvfrom, fd, octets, length,
                      flags ? MSG_DONTWAIT : 0, NULL, NULL));
}

/* Appends a control message; each is padded to four octets. */
static void put_control(struct d_msghdr *message, uint32_t room, int level,
                        int type, const void *data, uint32_t length) {
  struct d_cmsghdr header = {sizeof header + length, level, type};
  uint32_t at = message->controllen;
  if (at + header.len > room) {
    message->flags |= D_MSG_CTRUNC;
    return;
  }
  memcpy((char *)message->control + at, &header, sizeof header);
  memcpy((char *)message->control + at + sizeof header, data, length);
  message->controllen = at + ((header.len + 3) & ~3u);
}

static void put_linux_control(int fd, struct d_msghdr *message, uint32_t room,
                              const struct cmsghdr *control) {
  const void *data = CMSG_DATA(control);
  int level = control->cmsg_level, type = control->cmsg_type;
  if (level == SOL_SOCKET && type == SCM_TIMESTAMP) {
    const struct timeval *time = data;
    struct d_timeval timeval = {time->tv_sec, time->tv_usec, 0x5a5a5a5a};
    put_control(message, room, D_SOL_SOCKET, 2, &timeval, sizeof timeval);
  } else if (level == IPPROTO_IP && type == IP_PKTINFO) {
    const struct in_pktinfo *info = data;
    if (sockets[fd].wantsInterface) {
      uint8_t link[20] = {20, D_AF_LINK, info->ipi_ifindex};
      put_control(message, room, level, D_IP_RECVIF, link, sizeof link);
    } else {
      put_control(message, room, level, D_IP_PKTINFO, info, sizeof *info);
    }
  } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
    put_control(message, room, level, D_IPV6_PKTINFO, data, 20);
  } else if (level == IPPROTO_IPV6 && type == IPV6_HOPLIMIT) {
    put_control(message, room, level, D_IPV6_HOPLIMIT, data, 4);
  }
}

ssize_t d_recvmsg(int fd, struct d_msghdr *message, int flags) EXPORT(recvmsg);
ssize_t d_recvmsg(int fd, struct d_msghdr *message, int flags) {
  uint64_t controls[64];
  struct msghdr linux_message;
  uint32_t namelen = message->namelen, room = message->controllen;
  ssize_t length;
  if (flags & ~D_MSG_DONTWAIT) return fail(D_EINVAL);
  do {
    linux_message = (struct msghdr){
        .msg_name = message->name,
        .msg_namelen = namelen,
        .msg_iov = message->iov,
        .msg_iovlen = message->iovlen,
        .msg_control = controls,
        .msg_controllen = sizeof controls,
    };
    length = told(syscall(SYS_recvmsg, fd, &linux_message,
                          flags ? MSG_DONTWAIT : 0));
    if (length < 0) return length;
    /* There would have been no room for it. */
  } while (length > sockets[fd].receiveBuffer);
  message->namelen = linux_message.msg_namelen;
  to_sockaddr(message->name, message->namelen);
  message->controllen = 0;
  message->flags = linux_message.msg_flags & MSG_TRUNC ? D_MSG_TRUNC : 0;
  for (struct cmsghdr *control = CMSG_FIRSTHDR(&linux_message); control;
       control = CMSG_NXTHDR(&linux_message, control)) {
    put_linux_control(fd, message, room, control);
  }
  if (sockets[fd].isIPv4 && length >= 20) {
    /* bsd/netinet/ip_input.c: its length is that behind the header, and both
     * fields are in the machine's own order. */
    uint8_t *packet = message->iov->iov_base;
    uint16_t total = (packet[2] << 8 | packet[3]) - (packet[0] & 0xf) * 4;
    uint16_t fragment = packet[6] << 8 | packet[7];
    memcpy(packet + 2, &total, 2);
    memcpy(packet + 6, &fragment, 2);
  }
  return length;
}

/* Libc: include/time.h: CLOCK_MONOTONIC is 6, and there is no 1. */
int d_clock_gettime(int clock, struct timespec *time) EXPORT(clock_gettime);
int d_clock_gettime(int clock, struct timespec *time) {
  if (clock != 0 && clock != 6) return fail(D_EINVAL);
  return told(syscall(SYS_clock_gettime,
                      clock ? CLOCK_MONOTONIC : CLOCK_REALTIME, time));
}

int d_poll(void *fds, uint32_t count, int timeout) EXPORT(poll);
int d_poll(void *fds, uint32_t count, int timeout) {
  struct timespec time = {timeout / 1000, timeout % 1000 * 1000000L};
  return told(syscall(SYS_ppoll, fds, (long)count, timeout < 0 ? NULL : &time,
                      NULL, 0L));
}

/* bsd/sys/signal.h */
struct d_sigaction {
  void (*handler)(int);
  uint32_t mask;
  int flags;
};
int d_sigaction(int number, const struct d_sigaction *action,
                struct d_sigaction *old) EXPORT(sigaction);
int d_sigaction(int number, const struct d_sigaction *action,
                struct d_sigaction *old) {
  struct sigaction told_action = {0}, before = {0};
  if (action) told_action.sa_handler = action->handler;
  int (*real)(int, const struct sigaction *, struct sigaction *) =
      dlsym(RTLD_DEFAULT, "sigaction");
  int result = real(number, action ? &told_action : NULL, &before);
  if (old) *old = (struct d_sigaction){before.sa_handler, 0, before.sa_flags};
  return told(result);
}

/* Libinfo: gen.subproj/ifaddrs.h; xnu: bsd/net/if_dl.h, if_var.h */
struct d_ifaddrs {
  struct d_ifaddrs *next;
  char *name;
  uint32_t flags;
  void *address, *netmask, *broadcast, *data;
};
struct d_interface {
  struct d_ifaddrs entry;
  char name[IF_NAMESIZE];
  uint8_t address[32], broadcast[32];
  struct {
    uint8_t type[8];
    uint32_t mtu;
  } data;
};

static void *copy_sockaddr(uint8_t *to, const struct sockaddr *from) {
  if (from == NULL) return NULL;
  int size = from->sa_family == AF_INET ? 16 : 28;
  memcpy(to, from, size);
  to_sockaddr(to, size);
  return to;
}

int d_getifaddrs(struct d_ifaddrs **list) EXPORT(getifaddrs);
int d_getifaddrs(struct d_ifaddrs **list) {
  struct ifaddrs *all;
  *list = NULL;
  if (GLIBC(getifaddrs)(&all) < 0) return told(-1);
  int fd = syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
  for (struct ifaddrs *one = all; one; one = one->ifa_next) {
    struct d_interface *made = calloc(1, sizeof *made);
    strncpy(made->name, one->ifa_name, IF_NAMESIZE - 1);
    made->entry.next = *list;
    made->entry.name = made->name;
    made->entry.flags = one->ifa_flags;
    int family = one->ifa_addr ? one->ifa_addr->sa_family : 0;
    if (family == AF_INET || family == AF_INET6) {
      made->entry.address = copy_sockaddr(made->address, one->ifa_addr);
      /* bsd/netinet/in.c, in_ifinit: it follows from the mask. */
      if (family == AF_INET && one->ifa_flags & IFF_BROADCAST) {
        struct sockaddr_in there = *(struct sockaddr_in *)one->ifa_addr;
        struct sockaddr_in mask = *(struct sockaddr_in *)one->ifa_netmask;
        there.sin_addr.s_addr |= ~mask.sin_addr.s_addr;
        made->entry.broadcast =
            copy_sockaddr(made->broadcast, (struct sockaddr *)&there);
      }
    } else if (family == AF_PACKET) {
      struct ifreq request = {0};
      strcpy(request.ifr_name, made->name);
      syscall(SYS_ioctl, fd, SIOCGIFMTU, &request);
      made->address[0] = 20;
      made->address[1] = D_AF_LINK;
      made->entry.address = made->address;
      made->data.mtu = request.ifr_mtu;
      made->entry.data = &made->data;
    }
    *list = &made->entry;
  }
  syscall(SYS_close, fd);
  GLIBC(freeifaddrs)(all);
  return 0;
}

void d_freeifaddrs(struct d_ifaddrs *list) EXPORT(freeifaddrs);
void d_freeifaddrs(struct d_ifaddrs *list) {
  for (struct d_ifaddrs *next; list; list = next) {
    next = list->next;
    free(list);
  }
}

/* Libinfo: lookup.subproj/netdb.h */
struct d_addrinfo {
  int flags, family, socktype, protocol;
  uint32_t addrlen;
  char *canonname;
  void *address;
  struct d_addrinfo *next;
  uint8_t sockaddr[28];
};
enum { D_EAI_NONAME = 8, D_NI_NAMEREQD = 4 };

int d_getaddrinfo(const char *node, const char *service,
                  const struct d_addrinfo *hints, struct d_addrinfo **result)
    EXPORT(getaddrinfo);
int d_getaddrinfo(const char *node, const char *service,
                  const struct d_addrinfo *hints, struct d_addrinfo **result) {
  struct addrinfo wanted = {.ai_socktype = hints->socktype}, *all;
  wanted.ai_family = hints->family == D_AF_INET6 ? AF_INET6 : hints->family;
  struct d_addrinfo **end = result;
  *result = NULL;
  if (GLIBC(getaddrinfo)(node, service, &wanted, &all) != 0) {
    return D_EAI_NONAME;
  }
  for (struct addrinfo *one = all; one; one = one->ai_next) {
    struct d_addrinfo *made = calloc(1, sizeof *made);
    made->family = one->ai_family == AF_INET6 ? D_AF_INET6 : one->ai_family;
    made->socktype = one->ai_socktype;
    made->addrlen = one->ai_addrlen;
    made->address = copy_sockaddr(made->sockaddr, one->ai_addr);
    *end = made;
    end = &made->next;
  }
  GLIBC(freeaddrinfo)(all);
  return 0;
}

void d_freeaddrinfo(struct d_addrinfo *list) EXPORT(freeaddrinfo);
void d_freeaddrinfo(struct d_addrinfo *list) {
  for (struct d_addrinfo *next; list; list = next) {
    next = list->next;
    /* What was handed out is what is given back. */
    if (list->address != list->sockaddr || list->canonname) abort();
    free(list);
  }
}

const char *d_gai_strerror(int code) EXPORT(gai_strerror);
const char *d_gai_strerror(int code) {
  return code == D_EAI_NONAME
             ? "nodename nor servname provided, or not known"
             : "Unknown error";
}

int d_getnameinfo(const uint8_t *sockaddr, uint32_t length, char *host,
                  uint32_t hostlen, char *service, uint32_t servicelen,
                  int flags) EXPORT(getnameinfo);
int d_getnameinfo(const uint8_t *sockaddr, uint32_t length, char *host,
                  uint32_t hostlen, char *service, uint32_t servicelen,
                  int flags) {
  struct sockaddr_in6 address;
  if (from_sockaddr(&address, sockaddr, length) < 0) return D_EAI_NONAME;
  int result = GLIBC(getnameinfo)((struct sockaddr *)&address, length, host,
                                  hostlen, service, servicelen,
                                  flags & D_NI_NAMEREQD ? NI_NAMEREQD : 0);
  return result == 0 ? 0 : D_EAI_NONAME;
}
