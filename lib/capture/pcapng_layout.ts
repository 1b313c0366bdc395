/**
 * The octets of pcapng, as in the Internet-Draft "PCAP Next Generation
 * (pcapng) Capture File Format" (draft-ietf-opsawg-pcapng): a file is a list
 * of blocks; each tells its length at its start and again at its end, so that
 * a reader skips what it does not know.
 *
 * @module
 */

/** The block types that are read; a section header's is a palindrome. */
export const PCAPNG_BLOCK = {
  INTERFACE: 1,
  OBSOLETE_PACKET: 2,
  SIMPLE_PACKET: 3,
  ENHANCED_PACKET: 6,
  SECTION: 0x0a0d0d0a,
} as const;

/** Tells a section's byte order. */
export const PCAPNG_BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Any block, of which `SIZE` octets are no body. */
export const BLOCK = { TYPE: 0, LENGTH: 4, BODY: 8, TRAILER: 4, SIZE: 12 };

/** A section header; its blocks follow it. `SIZE`s are without options. */
export const SECTION = {
  BYTE_ORDER_MAGIC: 8,
  VERSION_MAJOR: 12,
  VERSION_MINOR: 14,
  SECTION_LENGTH: 16,
  OPTIONS: 24,
  SIZE: 28,
} as const;

/** An interface, which packets name by its number. */
export const INTERFACE = {
  LINK_TYPE: 8,
  SNAP_LENGTH: 12,
  OPTIONS: 16,
  SIZE: 20,
} as const;

/**
 * An enhanced packet. An obsolete one differs in the first field: 16 bits of
 * interface, 16 bits of drop count.
 */
export const ENHANCED = {
  INTERFACE: 8,
  TIMESTAMP_HIGH: 12,
  TIMESTAMP_LOW: 16,
  CAPTURED_LENGTH: 20,
  ORIGINAL_LENGTH: 24,
  PACKET: 28,
  SIZE: 32,
} as const;

/** A simple packet: no time, and always of the first interface. */
export const SIMPLE = { ORIGINAL_LENGTH: 8, PACKET: 12, SIZE: 16 } as const;

/** The options that are read or written; some codes mean as many things. */
export const OPTION = {
  END: 0,
  COMMENT: 1,
  SECTION_HARDWARE: 2,
  SECTION_OPERATING_SYSTEM: 3,
  SECTION_APPLICATION: 4,
  INTERFACE_NAME: 2,
  INTERFACE_DESCRIPTION: 3,
  INTERFACE_TIMESTAMP_RESOLUTION: 9,
  INTERFACE_FCS_LENGTH: 13,
  INTERFACE_TIMESTAMP_OFFSET: 14,
} as const;

/** An option's header; value and padding to 32 bits follow. */
export const OPTION_HEADER = { CODE: 0, LENGTH: 2, SIZE: 4 } as const;

/** The next multiple of four. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
