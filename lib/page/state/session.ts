/**
 * What the page's server tells, line by line, into what the page holds.
 *
 * @module
 */

import type {
  AgentMessage,
  CapturePoint,
  LabUp,
  SeenPacket,
  ServerMessage,
} from "../../agent/messages.ts";
import type { NewPacket, PacketStore, Point } from "./store.ts";

/** What is known of where packets come from. */
export interface Source {
  readonly kind: "lab" | "device" | "file" | "none";
  /** Of the device or the file. */
  readonly name?: string;
  readonly lab?: LabUp;
  readonly points: readonly Point[];
  /** Whether more may come. */
  readonly isLive: boolean;
}

/** Nothing is shown yet. */
export const NO_SOURCE: Source = { kind: "none", points: [], isLive: false };

/** Takes messages; tells what they change. */
export class Session {
  source: Source = NO_SOURCE;
  #points: readonly (Point & Pick<CapturePoint, "linkType">)[] = [];

  /**
   * @param store where packets go
   * @param onFile told that a file is to be fetched
   */
  constructor(
    readonly store: PacketStore,
    readonly onFile: (name: string) => void,
  ) {}

  /** Takes a line, which the server wrote. */
  take(line: string): void {
    const message: AgentMessage | ServerMessage = JSON.parse(line);
    switch (message.type) {
      case "lab":
        this.source = { kind: "lab", lab: message, points: [], isLive: true };
        break;
      case "points":
        this.#points = message.points.map((point) => ({
          ...point,
          otherName: this.#otherEnd(point),
          isSoleEnd: message.points
            .filter(({ cable }) => cable === point.cable).length === 1,
        }));
        this.source = {
          kind: "device",
          name: message.points[0]?.name,
          ...(this.source.kind === "lab" ? this.source : {}),
          points: message.points,
          isLive: true,
        };
        break;
      case "packets":
        this.store.add(message.packets.map((seen) => this.#packet(seen)));
        break;
      case "dropped":
        this.store.setDropped(message.count);
        break;
      case "forgotten":
        this.store.forget(message.count);
        break;
      case "file":
        this.onFile(message.name);
        break;
      case "ended":
        this.source = { ...this.source, isLive: false };
    }
  }

  #otherEnd({ cable, end }: CapturePoint): string | undefined {
    if (cable === undefined || end === undefined) return undefined;
    const other = this.source.lab?.map.cables[cable]?.ends[1 - end];
    return other && `${other.host}/${other.device}`;
  }

  #packet(
    [at, timestampNs, direction, originalLength, bytes]: SeenPacket,
  ): NewPacket {
    const point = this.#points[at];
    return {
      point,
      timestampNs: BigInt(timestampNs),
      isOutgoing: direction === "outgoing",
      bytes: Uint8Array.fromBase64(bytes),
      originalLength,
      linkType: point.linkType,
    };
  }
}
