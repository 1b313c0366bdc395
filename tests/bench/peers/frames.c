/* What C reaches by packet sockets: the reference for `send --fast`.
 *
 *   frames ring|sendmmsg DEVICE HEX PACKETS   puts a frame on a device so many
 *                                             times, past its queues, prints
 *                                             packets a second; ring is a
 *                                             PACKET_TX_RING
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 256, SLOT = 2048, SLOTS = 1024, DATA = 32 };

static int fail(const char *what) { return perror(what), 1; }

/* Asks the kernel to send what has been put into the ring. */
static int kick(int fd) {
  if (sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0) return 0;
  if (errno != EAGAIN && errno != ENOBUFS) return -1;
  struct pollfd room = {fd, POLLOUT, 0};
  poll(&room, 1, 1);
  return 0;
}

static int send_by_ring(int fd, char *ring, size_t length, long packets) {
  long slot = 0;
  for (long sent = 0; sent < packets;) {
    int count = 0;
    for (; count < BATCH && sent < packets; count++, sent++) {
      volatile struct tpacket2_hdr *header = (void *)(ring + slot * SLOT);
      if (header->tp_status != TP_STATUS_AVAILABLE) break;
      header->tp_len = length;
      header->tp_status = TP_STATUS_SEND_REQUEST;
      slot = (slot + 1) % SLOTS;
    }
    if (kick(fd) < 0) return -1;
  }
  /* What it had no room for is still there. */
  for (int i = 0; i < SLOTS; i++) {
    volatile struct tpacket2_hdr *header = (void *)(ring + i * SLOT);
    while (header->tp_status != TP_STATUS_AVAILABLE)
      if (kick(fd) < 0) return -1;
  }
  return 0;
}

static int send_by_call(int fd, char *frame, size_t length, long packets) {
  struct iovec iov = {.iov_base = frame, .iov_len = length};
  struct mmsghdr messages[BATCH] = {0};
  for (int i = 0; i < BATCH; i++) {
    messages[i].msg_hdr.msg_iov = &iov;
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  for (long sent = 0; sent < packets;) {
    const long left = packets - sent;
    const int now = sendmmsg(fd, messages, left < BATCH ? left : BATCH, 0);
    if (now >= 0) sent += now;
    else if (errno != ENOBUFS) return -1;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const int is_ring = strcmp(argv[1], "ring") == 0;
  const size_t length = strlen(argv[3]) / 2;
  if (length > SLOT - DATA) return 2;
  char frame[SLOT];
  for (size_t i = 0; i < length; i++) {
    unsigned octet;
    if (sscanf(argv[3] + 2 * i, "%2x", &octet) != 1) return 2;
    frame[i] = octet;
  }
  const int fd = socket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0) return fail("socket");
  const int on = 1, version = TPACKET_V2;
  if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0)
    return fail("PACKET_QDISC_BYPASS");
  char *ring = NULL;
  if (is_ring) {
    struct tpacket_req request = {.tp_block_size = SLOT * SLOTS,
                                  .tp_block_nr = 1,
                                  .tp_frame_size = SLOT,
                                  .tp_frame_nr = SLOTS};
    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version,
                   sizeof version) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &request,
                   sizeof request) < 0)
      return fail("PACKET_TX_RING");
    ring = mmap(NULL, SLOT * SLOTS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ring == MAP_FAILED) return fail("mmap");
    for (int i = 0; i < SLOTS; i++)
      memcpy(ring + i * SLOT + DATA, frame, length);
  }
  struct sockaddr_ll to = {.sll_family = AF_PACKET,
                           .sll_ifindex = if_nametoindex(argv[2])};
  if (bind(fd, (struct sockaddr *)&to, sizeof to) < 0) return fail("bind");
  const long packets = atol(argv[4]);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  const int result = is_ring ? send_by_ring(fd, ring, length, packets)
                             : send_by_call(fd, frame, length, packets);
  if (result < 0) return fail(argv[1]);
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double seconds =
      end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9;
  printf("%.0f\n", packets / seconds);
  return 0;
}
