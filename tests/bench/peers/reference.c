/* What a C program reaches: the reference for `deno task bench`.
 *
 *   reference sendto|sendmmsg|paced PACKETS   sends 12 octets of protocol 253
 *                                             to 127.0.0.1, prints packets a
 *                                             second; paced, it is 100,000
 *
 * Its socket receives nothing, as the benchmark's: what it sends would come
 * back to it, and cost it time.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, PACED_BATCH = 10, PACED_NS = 100000 };

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const int paced = strcmp(argv[1], "paced") == 0;
  const int batched = paced || strcmp(argv[1], "sendmmsg") == 0;
  const int batch = paced ? PACED_BATCH : BATCH;
  const long packets = atol(argv[2]);
  const int fd = socket(AF_INET, SOCK_RAW, 253);
  if (fd < 0) return perror("socket"), 1;
  struct sock_filter nothing = {0x06, 0, 0, 0};
  struct sock_fprog filter = {1, &nothing};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0)
    return perror("setsockopt"), 1;
  char payload[] = "Hello World!";
  struct sockaddr_in to = {.sin_family = AF_INET};
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  struct iovec iov = {.iov_base = payload, .iov_len = 12};
  struct mmsghdr messages[BATCH] = {0};
  for (int i = 0; i < BATCH; i++) {
    messages[i].msg_hdr.msg_name = &to;
    messages[i].msg_hdr.msg_namelen = sizeof to;
    messages[i].msg_hdr.msg_iov = &iov;
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  struct timespec next = start;
  for (long sent = 0; sent < packets;) {
    const long left = packets - sent;
    const int now =
        batched ? sendmmsg(fd, messages, left < batch ? left : batch, 0)
                : (sendto(fd, payload, 12, 0, (struct sockaddr *)&to,
                          sizeof to) < 0 ? -1 : 1);
    if (now < 0) return perror(argv[1]), 1;
    sent += now;
    if (!paced) continue;
    next.tv_nsec += PACED_NS;
    next.tv_sec += next.tv_nsec / 1000000000;
    next.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double seconds =
      end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9;
  printf("%.0f\n", packets / seconds);
  return 0;
}
