/* The least that sweeping can take: sends an echo request to each of COUNT
 * addresses from 127.0.0.0 on and receives the replies, as sweep does it, by
 * two threads that send and one that receives, and does nothing else at all.
 *
 *   sweep COUNT    prints the seconds that it took
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/ip.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SENDERS = 2, BATCH = 512, SLOTS = 256, SNAP = 256, CONTROL = 64 };

struct packet {
  struct iphdr ip;
  struct icmphdr icmp;
  unsigned char payload[28];
};

static int fd;
static unsigned count;
static unsigned short identifier;
static atomic_uint next;

static unsigned short checksum(const struct icmphdr *icmp) {
  const unsigned short *words = (const unsigned short *)icmp;
  unsigned sum = 0;
  for (int i = 0; i < 18; i++) sum += words[i];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum;
}

static void *sender(void *unused) {
  struct packet *packets = calloc(BATCH, sizeof *packets);
  struct sockaddr_in *to = calloc(BATCH, sizeof *to);
  struct iovec *iov = calloc(BATCH, sizeof *iov);
  struct mmsghdr *messages = calloc(BATCH, sizeof *messages);
  for (int i = 0; i < BATCH; i++) {
    packets[i].ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64,
                                   .protocol = IPPROTO_ICMP, .id = htons(1),
                                   .frag_off = htons(IP_DF)};
    packets[i].icmp = (struct icmphdr){.type = ICMP_ECHO};
    packets[i].icmp.un.echo.id = identifier;
    to[i].sin_family = AF_INET;
    iov[i] = (struct iovec){&packets[i], sizeof packets[i]};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &to[i],
                                          .msg_namelen = sizeof to[i],
                                          .msg_iov = &iov[i],
                                          .msg_iovlen = 1};
  }
  for (unsigned from; (from = atomic_fetch_add(&next, BATCH)) < count;) {
    const int now = count - from < BATCH ? count - from : BATCH;
    for (int i = 0; i < now; i++) {
      const unsigned address = htonl(INADDR_LOOPBACK - 1 + from + i);
      to[i].sin_addr.s_addr = packets[i].ip.daddr = address;
      packets[i].icmp.un.echo.sequence = htons(from + i);
      packets[i].icmp.checksum = 0;
      packets[i].icmp.checksum = checksum(&packets[i].icmp);
    }
    for (int done = 0; done < now;) {
      const int sent = sendmmsg(fd, messages + done, now - done, 0);
      if (sent < 0) perror("sendmmsg"), exit(1);
      done += sent;
    }
  }
  return unused;
}

static void open_socket(void) {
  const int on = 1, receive = 32 << 20, send = 16 << 20;
  const int replies = ~(1 << ICMP_ECHOREPLY);
  struct sock_filter code[] = {{0xb1, 0, 0, 0},
                               {0x48, 0, 0, 4},
                               {0x15, 0, 1, ntohs(identifier)},
                               {0x06, 0, 0, 0xffffffff},
                               {0x06, 0, 0, 0}};
  struct sock_fprog program = {5, code};
  fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd < 0) perror("socket"), exit(1);
  setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof receive);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send, sizeof send);
  setsockopt(fd, SOL_RAW, ICMP_FILTER, &replies, sizeof replies);
  setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static void receive_all(void) {
  static unsigned char packets[SLOTS][SNAP], controls[SLOTS][CONTROL];
  static struct iovec iov[SLOTS];
  static struct mmsghdr messages[SLOTS];
  for (unsigned received = 0, silent = 0; received < count && silent < 1000;) {
    for (int i = 0; i < SLOTS; i++) {
      iov[i] = (struct iovec){packets[i], SNAP};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i],
                                            .msg_iovlen = 1,
                                            .msg_control = controls[i],
                                            .msg_controllen = CONTROL};
    }
    const int now = recvmmsg(fd, messages, SLOTS, MSG_DONTWAIT, NULL);
    if (now > 0) received += now, silent = 0;
    else usleep(1000), silent++;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  count = atoi(argv[1]);
  identifier = htons(getpid() & 0xffff);
  open_socket();
  struct timespec start, end;
  pthread_t threads[SENDERS];
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int i = 0; i < SENDERS; i++)
    pthread_create(&threads[i], NULL, sender, NULL);
  receive_all();
  for (int i = 0; i < SENDERS; i++) pthread_join(threads[i], NULL);
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%.6f\n",
         end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);
  return 0;
}
