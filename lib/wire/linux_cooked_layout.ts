/**
 * Where things are in the headers that Linux puts before the packets of all
 * kinds of interfaces, as tcpdump.org describes them.
 *
 * @module
 */

/** Version 1, LINKTYPE_LINUX_SLL. */
export const SLL = {
  PACKET_TYPE: 0,
  HARDWARE_TYPE: 2,
  ADDRESS_LENGTH: 4,
  ADDRESS: 6,
  PROTOCOL: 14,
  SIZE: 16,
} as const;

/** Version 2, LINKTYPE_LINUX_SLL2. */
export const SLL2 = {
  PROTOCOL: 0,
  RESERVED: 2,
  INTERFACE_INDEX: 4,
  HARDWARE_TYPE: 8,
  PACKET_TYPE: 10,
  ADDRESS_LENGTH: 11,
  ADDRESS: 12,
  SIZE: 20,
} as const;
