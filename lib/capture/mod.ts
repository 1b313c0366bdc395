/**
 * Capture files, as tcpdump and Wireshark write and read them: pcap and pcapng.
 *
 * @example
 * ```ts
 * import { encodePcapHeader, encodePcapRecord, readCapture } from "raw4/capture";
 * import { buildPacket, ipv4, LINK_TYPE_RAW } from "raw4/packets";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 }),
 *   "Hello World!",
 * );
 * const file = new Blob([
 *   encodePcapHeader(LINK_TYPE_RAW),
 *   encodePcapRecord({ bytes: packet, timestampNs: 0n }),
 * ]);
 * for await (const { bytes, linkType } of readCapture(file.stream())) {
 *   assertEquals([bytes, linkType], [packet, LINK_TYPE_RAW]);
 * }
 * ```
 *
 * @module
 */

// Reading
export {
  isCaptureFile,
  readCapture,
  type ReadCaptureOptions,
} from "./read_capture.ts";
export * from "./packet.ts";
export { CaptureFileError } from "./format_reader.ts";

// Writing
export * from "./pcap.ts";
export * from "./pcapng.ts";
export * from "./pcapng_writer.ts";
export * from "./write_capture.ts";
