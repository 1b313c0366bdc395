/* Reads a capture file of Ethernet frames by libpcap and takes from each what
 * `dissect` does: all fields of Ethernet, IPv4, UDP, TCP and ICMP, addresses as
 * text, and whether the checksums are right.
 *
 *   read FILE      prints how many packets a second that was
 *
 * libpcap's four functions are declared here, so that its library is enough.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

struct pcap_header { struct timeval ts; uint32_t captured, length; };
void *pcap_open_offline_with_tstamp_precision(const char *, unsigned, char *);
int pcap_next_ex(void *, struct pcap_header **, const unsigned char **);
void pcap_close(void *);

enum { ETHERNET = 14, IPV4 = 0x0800, NANOSECONDS = 1 };

/* What dissection makes of one packet; the compiler must not leave it out. */
struct fields {
  uint64_t time;
  char destination[18], source[18], from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
  unsigned type, version, header_length, dscp, ecn, total_length, identification;
  unsigned reserved, dont_fragment, more_fragments, offset, ttl, protocol;
  unsigned checksum, ports[2], length, upper_checksum, sequence, acknowledgment;
  unsigned flags, window, urgent, kind, code, identifier, number;
  int is_right, is_upper_right;
};

static unsigned get16(const unsigned char *at) { return at[0] << 8 | at[1]; }
static unsigned get32(const unsigned char *at) {
  return (unsigned)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static unsigned sum(const unsigned char *at, unsigned length, unsigned initial) {
  uint64_t total = initial;
  for (; length > 1; at += 2, length -= 2) total += get16(at);
  if (length) total += *at << 8;
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return (unsigned)total;
}

static void mac(char *text, const unsigned char *at) {
  static const char digits[] = "0123456789abcdef";
  for (int i = 0; i < 6; i++) {
    text[3 * i] = digits[at[i] >> 4];
    text[3 * i + 1] = digits[at[i] & 15];
    text[3 * i + 2] = i < 5 ? ':' : 0;
  }
}

static void upper(struct fields *f, const unsigned char *ip, const unsigned char *at,
                  unsigned length) {
  unsigned pseudo = f->protocol + length;
  if (f->protocol != 1) pseudo = sum(ip + 12, 8, pseudo);
  if (length < 8) return;
  f->is_upper_right = sum(at, length, f->protocol == 1 ? 0 : pseudo) == 0xffff;
  f->ports[0] = get16(at);
  f->ports[1] = get16(at + 2);
  if (f->protocol == 17) {
    f->length = get16(at + 4);
    f->upper_checksum = get16(at + 6);
  } else if (f->protocol == 6 && length >= 20) {
    f->sequence = get32(at + 4);
    f->acknowledgment = get32(at + 8);
    f->flags = get16(at + 12);
    f->window = get16(at + 14);
    f->upper_checksum = get16(at + 16);
    f->urgent = get16(at + 18);
  } else if (f->protocol == 1) {
    f->kind = at[0];
    f->code = at[1];
    f->upper_checksum = get16(at + 2);
    f->identifier = get16(at + 4);
    f->number = get16(at + 6);
  }
}

static void dissect(struct fields *f, const unsigned char *at, unsigned captured) {
  if (captured < ETHERNET + 20) return;
  mac(f->destination, at);
  mac(f->source, at + 6);
  f->type = get16(at + 12);
  if (f->type != IPV4) return;
  const unsigned char *ip = at + ETHERNET;
  f->version = ip[0] >> 4;
  f->header_length = (ip[0] & 15) * 4;
  f->dscp = ip[1] >> 2;
  f->ecn = ip[1] & 3;
  f->total_length = get16(ip + 2);
  f->identification = get16(ip + 4);
  f->reserved = ip[6] >> 7;
  f->dont_fragment = ip[6] >> 6 & 1;
  f->more_fragments = ip[6] >> 5 & 1;
  f->offset = (get16(ip + 6) & 0x1fff) * 8;
  f->ttl = ip[8];
  f->protocol = ip[9];
  f->checksum = get16(ip + 10);
  inet_ntop(AF_INET, ip + 12, f->from, sizeof f->from);
  inet_ntop(AF_INET, ip + 16, f->to, sizeof f->to);
  if (f->header_length < 20 || f->total_length < f->header_length) return;
  if (captured < ETHERNET + f->total_length) return;
  f->is_right = sum(ip, f->header_length, 0) == 0xffff;
  upper(f, ip, ip + f->header_length, f->total_length - f->header_length);
}

int main(int count, char **args) {
  char error[256];
  if (count != 2) return fprintf(stderr, "usage: read FILE\n"), 2;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  void *file = pcap_open_offline_with_tstamp_precision(args[1], NANOSECONDS, error);
  if (file == NULL) return fprintf(stderr, "%s\n", error), 1;
  struct pcap_header *header;
  const unsigned char *octets;
  struct fields fields;
  unsigned packets = 0;
  while (pcap_next_ex(file, &header, &octets) == 1) {
    memset(&fields, 0, sizeof fields);
    fields.time = header->ts.tv_sec * 1000000000ull + header->ts.tv_usec;
    dissect(&fields, octets, header->captured);
    __asm__ volatile("" : : "r"(&fields) : "memory");
    packets++;
  }
  pcap_close(file);
  clock_gettime(CLOCK_MONOTONIC, &end);
  double seconds = end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9;
  printf("%.0f\n", packets / seconds);
}
