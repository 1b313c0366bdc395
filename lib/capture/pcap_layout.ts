/**
 * The octets of the classic pcap file, as in the Internet-Draft "PCAP Capture
 * File Format": a header, then a record for each packet.
 *
 * @module
 */

/** Begins a file whose records count microseconds. */
export const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;
/** Begins a file whose records count nanoseconds. */
export const PCAP_MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Begins a file as Linux distributions of about 2000 wrote it, by a patch. */
export const PCAP_MAGIC_MODIFIED = 0xa1b2cd34;

/** The file's header. */
export const PCAP_FILE = {
  MAGIC: 0,
  VERSION_MAJOR: 4,
  VERSION_MINOR: 6,
  SNAP_LENGTH: 16,
  LINK_TYPE: 20,
  SIZE: 24,
} as const;

/**
 * The parts of the link type's field: besides the type, how long the frame
 * check sequences are that the packets end with, in units of two octets, and
 * whether that is known.
 */
export const PCAP_LINK = {
  TYPE: 0x0000_ffff,
  HAS_FCS_LENGTH: 0x0400_0000,
  FCS_SHIFT: 28,
  FCS_UNIT: 2,
} as const;

/** A record's header, which the packet follows. */
export const PCAP_RECORD = {
  SECONDS: 0,
  FRACTION: 4,
  CAPTURED_LENGTH: 8,
  ORIGINAL_LENGTH: 12,
  SIZE: 16,
  /** Behind the lengths a modified file has interface, protocol and direction. */
  MODIFIED_SIZE: 24,
} as const;
